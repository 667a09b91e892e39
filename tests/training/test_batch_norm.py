"""Batch norm measured again."""

import keras
import numpy as np
from fitting import SCHEDULE, examples, normalised, train_member

from headstart.training import batch_norm, loop, member, networks
from headstart.training.examples import Examples


def test_recalibrated_batch_norm_has_the_mean_and_variance_of_the_images():
    model, images = normalised()
    batch_norm.recalibrate(model, images)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            seen = keras.Model(model.inputs, layer.input).predict(images.astype(np.float32), verbose=0)
            axes = tuple(range(seen.ndim - 1))
            np.testing.assert_allclose(layer.moving_mean, seen.mean(axes), rtol=1e-4, atol=1e-4)
            np.testing.assert_allclose(layer.moving_variance, seen.var(axes), rtol=1e-3, atol=1e-4)


def test_images_that_are_all_the_same_have_no_variance():
    model, images = normalised()
    batch_norm.recalibrate(model, np.repeat(images[:1], 300, axis=0))
    last = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)][-1]
    variance = np.asarray(last.moving_variance)
    assert (variance >= 0).all()
    np.testing.assert_allclose(variance / np.maximum(np.square(last.moving_mean), 1e-9), 0, atol=1e-9)


def test_recalibration_measures_the_images_that_are_chosen():
    model, images = normalised()
    first, second = (keras.models.clone_model(model) for _ in range(2))
    for copy in (first, second):
        copy.set_weights(model.get_weights())
    chosen = np.array([5, 300, 599])
    batch_norm.recalibrate(first, images, chosen)
    batch_norm.recalibrate(second, images[chosen])
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def statistics(model, inputs):
    """The means and variances that the first batch norm has, and those of what comes to it at inference."""
    layer = next(layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization))
    values = keras.Model(model.inputs, layer.input).predict(inputs, verbose=0)
    return (layer.moving_mean, layer.moving_variance), (values.mean(axis=0), values.var(axis=0))


def test_batch_norm_behind_dropout_is_measured_again_on_the_labelled_images(tmp_path, monkeypatch):
    labelled, validation = examples(60), examples(21)
    added = Examples([], np.concatenate([labelled.inputs, labelled.inputs + 9]), np.tile(labelled.labels, 2))
    model, history, _ = train_member(tmp_path, added, validation, plain=labelled.inputs, recalibrate_batch_norm=True)
    for found, expected in zip(*statistics(model, labelled.inputs), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    told = model.evaluate(validation.inputs, validation.labels, verbose=0)
    np.testing.assert_allclose(history[["validation_loss", "validation_accuracy"]].iloc[-1], told, rtol=1e-5)
    monkeypatch.setattr(member, "MEASURED", 7)
    model, _, _ = train_member(tmp_path, labelled, None, recalibrate_batch_norm=True, seed=2)
    chosen = np.sort(np.random.default_rng(2).permutation(60)[:7])
    for found, expected in zip(*statistics(model, labelled.inputs[chosen]), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_behind_dropout_the_running_variance_is_too_large(tmp_path):
    model, _, _ = train_member(tmp_path, examples(600), None, epochs=8, learning_rate=0.01)
    (_, running), (_, expected) = statistics(model, examples(600).inputs)
    assert np.mean(running) > 1.2 * np.mean(expected)


def test_recalibration_changes_nothing_that_was_trained():
    model, images = normalised()
    before = [weight.numpy() for weight in model.trainable_weights]
    batch_norm.recalibrate(model, images)
    for old, new in zip(before, model.trainable_weights, strict=True):
        np.testing.assert_array_equal(old, new)


def test_recalibration_takes_back_what_augmentation_did_to_batch_norm():
    # Training sees pale images only; labels say which half of an image is the brighter.
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 2
    images = rng.integers(0, 100, (400, 8, 8, 1)) + 120 * (
        np.arange(8)[None, :, None, None] // 4 == labels[:, None, None, None]
    )
    data = Examples([str(i) for i in range(400)], images.astype(np.uint8), labels.astype(np.int32))
    keras.utils.set_random_seed(1)
    model = networks.classifier((8, 8, 1), 2, blocks=[[4]], dense=[8], batch_norm=True, dropout=0)
    loop.fit(
        model, data, None, schedule=SCHEDULE | {"learning_rate": 0.01}, seed=1, transform=lambda x, seed: x // 4 + 190
    )
    loss = model.evaluate(images, labels, verbose=0)[0]
    batch_norm.recalibrate(model, data.inputs)
    assert model.evaluate(images, labels, verbose=0)[0] < loss
