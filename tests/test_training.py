"""One way to fit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from small_config import schedule

from headstart import models, networks, predictions, training
from headstart.checkpoints import Checkpoint
from headstart.examples import Examples

ROOT = Path(__file__).resolve().parents[1]
SCHEDULE = schedule(epochs=3, batch=8, learning_rate=0.1)
MEMBER = """
import json, sys
from headstart import runtime
runtime.prepare(threads=1, seed=7)
import numpy as np
from functools import partial
from headstart import augmentation, networks, training
from headstart.examples import Examples
rng = np.random.default_rng(0)
def examples(count):
    return Examples([str(i) for i in range(count)], rng.integers(0, 256, (count, 12, 12, 1)), np.arange(count) % 3)
model = networks.classifier((12, 12, 1), 3, blocks=[[4, 4]], dense=[8], batch_norm=True, dropout=.5,
                            normalisation=(128., 5000.))
training.train_member(model, examples(40), examples(10), iter([examples(5)]), classes=list("abc"),
    schedule=json.loads(sys.argv[2]), seed=7, identity="a",
    outputs={name: f"{sys.argv[1]}/{name}" for name in ("history", "predictions", "model")},
    terminal=None, title="",
    transform=partial(augmentation.augment, rotation=10, channel_shift=5))
"""


def examples(count=40):
    """Three kinds of rows that are easy to tell apart."""
    labels = np.arange(count, dtype=np.int32) % 3
    rows = np.random.default_rng(0).normal(0, 0.1, (count, 3)) + np.eye(3)[labels]
    return Examples([str(i) for i in range(count)], rows.astype(np.float32), labels)


def linear(shape=(3,), classes=3, seed=1, **settings):
    keras.utils.set_random_seed(seed)
    return networks.classifier(shape, classes, blocks=[], dense=[], batch_norm=False, dropout=0, **settings)


def rates(steps, **changes):
    return training.learning_rates({**SCHEDULE, **changes}, steps)


def test_a_constant_rate_is_the_same_at_every_step():
    assert rates(4).tolist() == [0.1] * 12


def test_steps_give_every_epoch_its_rate():
    schedule = {**SCHEDULE, "steps": [[1, 0.01], [2, 0.1]], "epochs": None, "learning_rate": None}
    assert training.learning_rates(schedule, 2).tolist() == [0.01] * 2 + [0.1] * 4
    history = training.fit(linear(), examples(), examples(20), schedule=schedule, seed=1)
    assert history["learning_rate"].tolist() == [0.01, 0.1, 0.1]


def test_a_rate_rises_evenly_in_the_warm_up():
    np.testing.assert_allclose(rates(4, warmup=1)[:6], [0.025, 0.05, 0.075, 0.1, 0.1, 0.1])
    np.testing.assert_allclose(rates(4, warmup=0.5)[:4], [0.05, 0.1, 0.1, 0.1])


def test_a_cosine_falls_from_the_highest_rate_towards_zero():
    found = rates(4, decay="cosine")
    np.testing.assert_allclose(found, 0.05 * (1 + np.cos(np.pi * np.arange(12) / 12)))
    assert found[0] == 0.1
    assert found[6] == pytest.approx(0.05)


def test_a_cosine_begins_after_the_warm_up():
    found = rates(4, decay="cosine", warmup=1)
    np.testing.assert_allclose(found[:5], [0.025, 0.05, 0.075, 0.1, 0.1])
    np.testing.assert_allclose(found[4:], 0.05 * (1 + np.cos(np.pi * np.arange(8) / 8)))


@settings(deadline=None)
@given(
    st.integers(1, 5), st.integers(1, 9), st.floats(0, 9), st.sampled_from(["constant", "cosine"]), st.floats(1e-6, 1)
)
def test_any_schedule_has_a_rate_between_zero_and_the_highest_for_every_step(epochs, steps, warmup, decay, highest):
    found = rates(steps, epochs=epochs, warmup=warmup, decay=decay, learning_rate=highest)
    assert found.shape == (epochs * steps,)
    assert (found > 0).all()
    assert found.max() <= highest * (1 + 1e-9)


def test_the_optimizer_looks_rates_up_by_step():
    schedule = training.Rates([0.5, 0.25, 0.125])
    assert [float(schedule(step)) for step in range(5)] == [0.5, 0.25, 0.125, 0.125, 0.125]
    assert training.Rates.from_config(schedule.get_config()).rates == schedule.rates


@settings(deadline=None)
@given(st.integers(1, 50), st.integers(1, 60), st.integers(0, 2**31 - 1), st.integers(0, 100))
def test_an_epoch_has_every_example_once(count, batch, seed, epoch):
    rows = np.arange(count).reshape(-1, 1)
    batches = training.Batches(Examples([], rows, np.arange(count)), batch, seed, epoch)
    seen = [batches[i] for i in range(len(batches))]
    labels = np.concatenate([labels for _, labels in seen])
    assert sorted(labels) == list(range(count))
    np.testing.assert_array_equal(np.concatenate([inputs for inputs, _ in seen])[:, 0], labels)
    assert all(len(labels) == batch for _, labels in seen[:-1])
    assert min(count, batch) == 1 or all(2 <= len(labels) <= batch + 1 for _, labels in seen)
    assert len(batches) == training.steps(count, batch)
    assert {inputs.dtype for inputs, _ in seen} == {np.dtype("float32")}


@pytest.mark.parametrize(
    ("count", "batch", "sizes"),
    [(16, 8, [8, 8]), (17, 8, [8, 9]), (18, 8, [8, 8, 2]), (9, 8, [9]), (8, 8, [8]), (5, 2, [2, 3]), (3, 1, [1, 1, 1])],
)
def test_a_rest_of_one_image_joins_the_batch_before(count, batch, sizes):
    seeds = []
    some = Examples([], np.arange(count)[:, None], np.arange(count))
    batches = training.Batches(some, batch, 3, 5, lambda inputs, seed: seeds.append(seed) or inputs)
    seen = [labels for _, labels in batches]
    assert list(map(len, seen)) == sizes
    # The order and the seeds are those of before.
    assert np.concatenate(seen).tolist() == np.random.default_rng([3, 5]).permutation(count).tolist()
    assert seeds == [[3, 5, number] for number in range(1, len(sizes) + 1)]


def test_a_rest_of_one_image_has_no_step_and_no_rate_of_its_own():
    model, some = linear(), examples(41)
    history = training.fit(model, some, None, schedule={**SCHEDULE, "learning_rate": 1e-9}, seed=1)
    assert int(model.optimizer.iterations) == len(model.optimizer._learning_rate.rates) == 15
    loss, accuracy = model.evaluate(some.inputs, some.labels, verbose=0)
    np.testing.assert_allclose(history["loss"], loss, rtol=1e-5)
    np.testing.assert_allclose(history["accuracy"], accuracy, rtol=1e-6)


def test_batches_follow_from_seed_and_epoch_alone():
    def order(seed, epoch):
        batches = training.Batches(examples(), 8, seed, epoch)
        return [label for i in reversed(range(len(batches))) for label in batches[i][0][:, 0].tolist()]

    assert order(1, 2) == order(1, 2)
    assert order(1, 2) != order(1, 3)
    assert order(1, 2) != order(2, 2)


def test_a_transform_gets_a_seed_of_its_own_for_each_batch_and_no_labels():
    seeds = []

    def transform(inputs, seed):
        seeds.append(tuple(seed))
        return inputs + 1

    plain, changed = (training.Batches(examples(), 16, 3, 5, change) for change in (None, transform))
    for number in range(len(plain)):
        (rows, labels), (same_rows, same_labels) = changed[number], plain[number]
        np.testing.assert_array_equal(rows, same_rows + 1)
        np.testing.assert_array_equal(labels, same_labels)
    assert len(set(seeds)) == len(seeds) == len(plain)


def test_the_order_and_the_changes_of_an_epoch_are_drawn_independently():
    draws = []
    batches = training.Batches(examples(), 16, 3, 5, lambda inputs, seed: draws.append(seed) or inputs)
    batches[0]
    order = np.random.default_rng(draws[0]).permutation(len(batches.order))
    assert order.tolist() != batches.order.tolist()


def test_training_learns_and_tells_of_every_epoch():
    history = training.fit(linear(), examples(), examples(20), schedule=SCHEDULE, seed=1)
    assert history["epoch"].tolist() == [1, 2, 3]
    assert history["loss"].iloc[-1] < history["loss"].iloc[0]
    assert history["validation_accuracy"].iloc[-1] == 1
    assert history["learning_rate"].tolist() == [0.1, 0.1, 0.1]


def test_training_figures_are_means_over_the_whole_epoch():
    model, some = linear(), examples(43)  # the last batch has three rows
    model.layers[-1].trainable = False
    history = training.fit(model, some, None, schedule=SCHEDULE, seed=1)
    loss, accuracy = model.evaluate(some.inputs, some.labels, verbose=0)
    np.testing.assert_allclose(history["loss"], loss, rtol=1e-5)
    np.testing.assert_allclose(history["accuracy"], accuracy, rtol=1e-6)
    assert 0 < accuracy < 1


def test_without_validation_its_columns_are_empty():
    history = training.fit(linear(), examples(), None, schedule=SCHEDULE, seed=1)
    assert history[["validation_loss", "validation_accuracy"]].isna().all(axis=None)


def test_the_loss_that_is_told_of_is_without_what_weights_add():
    data, plain = examples(), {"blocks": [], "dense": [4], "batch_norm": False, "dropout": 0}
    keras.utils.set_random_seed(1)
    model = networks.classifier(data.inputs.shape[1:], 3, **plain, l2=5.0)
    history = training.fit(model, data, data, schedule=SCHEDULE | {"learning_rate": 1e-6}, seed=1)
    probabilities = model.predict(data.inputs, verbose=0)
    expected = -np.log(probabilities[np.arange(len(data.labels)), data.labels]).mean()
    assert history["validation_loss"].iloc[-1] == pytest.approx(expected, rel=1e-4)
    assert history["loss"].iloc[-1] == pytest.approx(expected, rel=0.05)
    assert sum(map(float, model.losses)) > 2 * expected


def test_every_step_has_the_rate_of_the_schedule():
    model = linear()
    training.fit(model, examples(), examples(20), schedule={**SCHEDULE, "decay": "cosine"}, seed=1)
    assert int(model.optimizer.iterations) == 15
    assert len(model.optimizer._learning_rate.rates) == 15


def test_validation_is_never_transformed():
    def spoil(inputs, seed):
        return inputs * 0

    model = linear()
    model.layers[-1].trainable = False
    history = training.fit(model, examples(), examples(20), schedule=SCHEDULE, seed=1, transform=spoil)
    plain = training.fit(model, examples(), examples(20), schedule=SCHEDULE, seed=1)
    assert history["validation_loss"].tolist() == plain["validation_loss"].tolist()
    assert history["loss"].tolist() != plain["loss"].tolist()


def test_the_last_epochs_train_on_images_as_they_are():
    told = []

    def note(inputs, seed):
        told.append(seed[1])
        return inputs * 0

    model = linear()
    model.layers[-1].trainable = False  # so that an epoch's figures tell of its inputs alone
    history = training.fit(model, examples(), None, schedule=SCHEDULE | {"unaugmented": 2}, seed=1, transform=note)
    assert told == [0] * 5  # of three epochs, the first alone
    assert history["loss"][0] != history["loss"][1] == pytest.approx(history["loss"][2])


def test_frozen_layers_do_not_change():
    model = networks.classifier((3,), 3, blocks=[], dense=[4], batch_norm=True, dropout=0)
    frozen = next(layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization))
    frozen.trainable = False
    before = [weight.copy() for weight in frozen.get_weights()]
    last = model.layers[-1].get_weights()[0].copy()
    training.fit(model, examples(), examples(20), schedule={**SCHEDULE, "weight_decay": 0.1}, seed=1)
    for weight, old in zip(frozen.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)
    assert np.abs(model.layers[-1].get_weights()[0] - last).max() > 0


def test_weight_decay_shrinks_kernels_and_leaves_biases_gammas_and_betas():
    model, _ = normalised()
    for weight in model.trainable_weights:
        weight.assign(np.ones(weight.shape))
    optimizer = training._optimizer(model, [0.1], 0.5)
    slopes = [np.zeros(weight.shape, np.float32) for weight in model.trainable_weights]
    optimizer.apply(slopes, model.trainable_weights)
    found = {weight.path.split("/")[-1]: set() for weight in model.trainable_weights}
    for weight in model.trainable_weights:
        found[weight.path.split("/")[-1]] |= set(np.unique(weight).tolist())
    assert found == {"kernel": {float(np.float32(0.95))}, "bias": {1}, "gamma": {1}, "beta": {1}}


def test_training_decays_kernels_alone():
    found = []
    for decay in (0, 0.5):
        model, images = normalised(seed=1)
        some = Examples([], images[:8], np.arange(8) % 3)
        training.fit(model, some, None, schedule=SCHEDULE | {"epochs": 1, "weight_decay": decay}, seed=1)
        found.append([np.asarray(weight) for weight in model.trainable_weights])
    for plain, decayed in zip(*found, strict=True):  # after one step, in which decay has no say in the slopes
        assert np.array_equal(plain, decayed) == (plain.ndim == 1)


def normalised(seed=0):
    """A model with batch normalisation after a convolution and after a dense layer, and images for it."""
    keras.utils.set_random_seed(seed)
    model = networks.classifier((8, 8, 1), 3, blocks=[[4]], dense=[8], batch_norm=True, dropout=0.5)
    return model, np.random.default_rng(seed).integers(0, 256, (600, 8, 8, 1), np.uint8)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("scale", [None, "unit", "root"])
def test_a_solved_model_is_where_its_loss_has_no_slope(classes, scale):
    rng = np.random.default_rng(0)
    rows = rng.uniform(0, 1, (60, 2, 2, 2)).astype(np.float32)
    labels = (rows[:, 0, 0, 0] * 1.9 + rng.uniform(0, 0.9, 60)).astype(np.int32) % classes
    some = Examples(list(map(str, range(60))), rows, labels)
    model = linear((2, 2, 2), classes, scale=scale, l2=0.01)
    history = training.solve(model, some, some, 1000)
    with tf.GradientTape() as tape:
        loss = keras.ops.mean(keras.losses.sparse_categorical_crossentropy(labels, model(rows))) + sum(model.losses)
    for slope in tape.gradient(loss, model.trainable_weights):
        np.testing.assert_allclose(slope, 0, atol=1e-4)  # in float32
    assert 1 < history["epoch"][0] < 1000
    plain = float(loss) - float(sum(model.losses))
    assert history["loss"][0] == pytest.approx(plain, abs=1e-5) == history["validation_loss"][0]


HISTORY = ["epoch", "learning_rate", "loss", "accuracy", "validation_loss", "validation_accuracy"]


def test_the_history_of_what_was_solved_has_the_figures_of_the_model():
    some, held_out, model = examples(600), examples(20), linear(l2=0.01)
    history = training.solve(model, some, held_out, 1000)
    assert list(history.columns) == HISTORY
    assert history["learning_rate"].isna().all()
    for data, names in ((some, HISTORY[2:4]), (held_out, HISTORY[4:])):
        probabilities = model.predict(data.inputs, verbose=0).astype(np.float64)
        loss = -np.log(probabilities[np.arange(len(data.labels)), data.labels]).mean()
        right = (probabilities.argmax(axis=1) == data.labels).mean()
        assert history[names].iloc[0].tolist() == pytest.approx([loss, right], rel=1e-5)


@pytest.mark.parametrize(("classes", "times"), [(2, 1), (3, 2)])
def test_the_solver_gets_what_the_penalty_means_to_it(monkeypatch, classes, times):
    """C times the sum of the losses + |w|² / 2, to a tolerance that reaches the lowest place, in float32."""
    given = []

    class Spy(training.LogisticRegression):
        def fit(self, inputs, labels):
            given.append((inputs.dtype, self.C, self.tol, self.max_iter))
            return super().fit(inputs, labels)

    monkeypatch.setattr(training, "LogisticRegression", Spy)
    some = examples()
    some = Examples(some.ids, some.inputs, some.labels % classes)
    training.solve(linear(classes=classes, l2=0.01), some, None, 77)
    ((dtype, inverse, tolerance, steps),) = given
    assert dtype == np.float32
    assert inverse == pytest.approx(1 / (times * 0.01 * 40))
    assert (tolerance, steps) == (1e-7, 77)


def test_what_is_solved_in_as_many_steps_as_allowed_says_so(capsys):
    steps = int(training.solve(linear(l2=0.1), examples(), None, 1000)["epoch"][0])
    assert "stopped" not in capsys.readouterr().out
    training.solve(linear(l2=0.1), examples(), None, steps)
    assert f"stopped after {steps} iterations" in capsys.readouterr().out
    training.solve(linear(l2=0.1), examples(), None, steps + 1)
    assert "stopped" not in capsys.readouterr().out


def test_a_member_is_solved_in_at_most_its_epochs_and_its_history_has_no_other_columns(tmp_path):
    network = {"dense": [], "batch_norm": False, "dropout": 0, "l2": 1e-6}
    _, history, _ = member(tmp_path, examples(), examples(20), network=network, solver="lbfgs", epochs=3)
    assert list(history.columns) == HISTORY
    assert history["epoch"].tolist() == [3]


def test_the_bar_counts_epochs_from_the_first_that_is_left(tmp_path, monkeypatch):
    bars = []

    def bar(epochs, **told):
        bars.append((list(epochs), told))
        return epochs

    monkeypatch.setattr(training.progress, "bar", bar)
    checkpoint = Checkpoint(tmp_path / "state.npz", "a")
    for last in (1, 3):
        options = {"checkpoint": checkpoint, "terminal": "here", "title": "pets"}
        history = training.fit(linear(), examples(), None, schedule=SCHEDULE | {"epochs": last}, seed=1, **options)
    assert len(history) == 3
    told = {"desc": "pets", "unit": " epochs", "terminal": "here"}
    assert bars == [([0], told | {"initial": 0, "total": 1}), ([1, 2], told | {"initial": 1, "total": 3})]


def test_training_goes_through_the_root_of_zero():
    below = [keras.layers.Conv2D(2, 1, activation="relu"), keras.layers.MaxPooling2D()]
    model = linear((4, 4, 1), scale="root", before=below)
    rows = np.random.default_rng(0).normal(size=(6, 4, 4, 1)).astype(np.float32)
    some = Examples(list("abcdef"), rows, np.arange(6, dtype=np.int32) % 3)
    before = below[0].get_weights()
    training.fit(model, some, None, schedule=SCHEDULE, seed=1)
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    assert not np.array_equal(before[0], below[0].get_weights()[0])


def test_what_is_not_solved_to_its_end_says_so(capsys):
    model = linear(l2=1e-6)
    training.solve(model, examples(), None, 3)
    assert "stopped after 3 iterations" in capsys.readouterr().out


def test_a_solved_model_does_not_depend_on_where_it_began():
    found = []
    for seed in (1, 2):
        model = linear(seed=seed, l2=0.01)
        training.solve(model, examples(), None, 1000)
        found.append(model.get_weights())
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


def test_recalibrated_batch_norm_has_the_mean_and_variance_of_the_images():
    model, images = normalised()
    training.recalibrate(model, images)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            seen = keras.Model(model.inputs, layer.input).predict(images.astype(np.float32), verbose=0)
            axes = tuple(range(seen.ndim - 1))
            np.testing.assert_allclose(layer.moving_mean, seen.mean(axes), rtol=1e-4, atol=1e-4)
            np.testing.assert_allclose(layer.moving_variance, seen.var(axes), rtol=1e-3, atol=1e-4)


def test_images_that_are_all_the_same_have_no_variance():
    model, images = normalised()
    training.recalibrate(model, np.repeat(images[:1], 300, axis=0))
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
    training.recalibrate(first, images, chosen)
    training.recalibrate(second, images[chosen])
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def member(folder, train, validation, test=(), network=(), seed=1, **changes):
    """Train a member with batch norm between two layers of dropout; return its model, history and predictions."""
    keras.utils.set_random_seed(seed)
    shape = {"blocks": [], "dense": [8], "batch_norm": True, "dropout": [0.5, 0.5]} | dict(network)
    model = networks.classifier(train.inputs.shape[1:], 3, **shape)
    settings = {key: changes.pop(key) for key in list(changes) if key in SCHEDULE}
    outputs = {"model": folder / "model.keras", "history": folder / "history", "predictions": folder / "predictions"}
    training.train_member(
        model,
        train,
        validation,
        iter(test) if test else None,
        classes=list("abc"),
        schedule=SCHEDULE | settings,
        seed=seed,
        outputs=outputs,
        identity="a",
        terminal=None,
        title="",
        **changes,
    )
    return models.load(outputs["model"]), pd.read_csv(outputs["history"]), predictions.read(outputs["predictions"])[0]


def statistics(model, inputs):
    """The means and variances that the first batch norm has, and those of what comes to it at inference."""
    layer = next(layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization))
    values = keras.Model(model.inputs, layer.input).predict(inputs, verbose=0)
    return (layer.moving_mean, layer.moving_variance), (values.mean(axis=0), values.var(axis=0))


def test_batch_norm_behind_dropout_is_measured_again_on_the_labelled_images(tmp_path, monkeypatch):
    labelled, validation = examples(60), examples(21)
    added = Examples([], np.concatenate([labelled.inputs, labelled.inputs + 9]), np.tile(labelled.labels, 2))
    model, history, _ = member(tmp_path, added, validation, plain=labelled.inputs, recalibrate=True)
    for found, expected in zip(*statistics(model, labelled.inputs), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    told = model.evaluate(validation.inputs, validation.labels, verbose=0)
    np.testing.assert_allclose(history[["validation_loss", "validation_accuracy"]].iloc[-1], told, rtol=1e-5)
    monkeypatch.setattr(training, "MEASURED", 7)
    model, _, _ = member(tmp_path, labelled, None, recalibrate=True, seed=2)
    chosen = np.sort(np.random.default_rng(2).permutation(60)[:7])
    for found, expected in zip(*statistics(model, labelled.inputs[chosen]), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_behind_dropout_the_running_variance_is_too_large(tmp_path):
    model, _, _ = member(tmp_path, examples(600), None, epochs=8, learning_rate=0.01)
    (_, running), (_, expected) = statistics(model, examples(600).inputs)
    assert np.mean(running) > 1.2 * np.mean(expected)


DIVERGED = "the loss became NaN in epoch 1 of 3"


def test_a_training_that_diverges_ends_with_that_epoch(capsys):
    model = networks.classifier((3,), 3, blocks=[], dense=[8], batch_norm=True, dropout=0.5)
    history = training.fit(model, examples(), examples(20), schedule=SCHEDULE | {"learning_rate": 1e30}, seed=1)
    assert training.divergence(history, SCHEDULE) == DIVERGED
    assert history["epoch"].tolist() == [1]
    figures = ["loss", "accuracy", "validation_loss", "validation_accuracy"]
    assert history[figures].isna().all(axis=None)


def test_weights_that_are_no_numbers_after_the_last_step_are_a_divergence():
    model, some = linear(), examples(8)  # one batch: the loss is measured before the step
    history = training.fit(model, some, None, schedule=SCHEDULE | {"learning_rate": 1e39}, seed=1)
    assert training.divergence(history, SCHEDULE) == DIVERGED


def test_a_validation_loss_that_is_no_number_is_a_divergence():
    some = examples()
    held_out = Examples(some.ids, some.inputs * np.inf, some.labels)
    assert training.divergence(training.fit(linear(), some, held_out, schedule=SCHEDULE, seed=1), SCHEDULE) == DIVERGED
    assert training.divergence(training.fit(linear(), some, some, schedule=SCHEDULE, seed=1), SCHEDULE) is None


def test_a_member_that_diverges_knows_nothing_and_says_so(tmp_path):
    train, validation, test = examples(), examples(20), examples(9)
    model, history, parts = member(tmp_path, train, validation, [test], learning_rate=1e30, recalibrate=True)
    assert models.diverged(tmp_path / "model.keras") == DIVERGED
    assert len(history) == 1
    for part, some in ((parts["validation"], validation), (parts["test"], test)):
        assert part.diverged == DIVERGED
        assert part.ids == some.ids
        np.testing.assert_allclose(part.probabilities, 1 / 3, rtol=1e-6)
        np.testing.assert_array_equal(part.labels, some.labels)
    np.testing.assert_allclose(model.predict(test.inputs, verbose=0), 1 / 3, rtol=1e-6)


def test_what_starts_from_a_member_that_diverged_does_not_train(tmp_path):
    model, history, parts = member(tmp_path, examples(), examples(20), diverged="it starts from there")
    assert history["epoch"].tolist() == [0]
    assert parts["validation"].diverged == models.diverged(tmp_path / "model.keras") == "it starts from there"
    np.testing.assert_allclose(model.predict(examples().inputs, verbose=0), 1 / 3, rtol=1e-6)


def test_a_healthy_member_says_nothing_of_divergence(tmp_path):
    _, history, parts = member(tmp_path, examples(), examples(20))
    assert parts["validation"].diverged is models.diverged(tmp_path / "model.keras") is None
    assert len(history) == 3


def test_an_epoch_that_diverged_is_no_state_to_go_on_from(tmp_path):
    checkpoint = Checkpoint(tmp_path / "state.npz", "a")
    schedule = SCHEDULE | {"steps": [[1, 0.1], [2, 1e39]]}
    training.fit(linear(), examples(), None, schedule=schedule, seed=1, checkpoint=checkpoint)
    assert len(checkpoint.restore(_compiled(linear()))) == 1


def _compiled(model):
    model.compile(keras.optimizers.AdamW(training.Rates([0.1])))
    return model


def test_recalibration_changes_nothing_that_was_trained():
    model, images = normalised()
    before = [weight.numpy() for weight in model.trainable_weights]
    training.recalibrate(model, images)
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
    training.fit(
        model, data, None, schedule=SCHEDULE | {"learning_rate": 0.01}, seed=1, transform=lambda x, seed: x // 4 + 190
    )
    loss = model.evaluate(images, labels, verbose=0)[0]
    training.recalibrate(model, data.inputs)
    assert model.evaluate(images, labels, verbose=0)[0] < loss


def test_predictions_sum_to_one_and_keep_the_order():
    model, some = linear(), examples(300)
    found = training.predict(model, [some]).probabilities
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-12)
    backward = training.predict(model, [Examples([], some.inputs[::-1], None)]).probabilities
    np.testing.assert_allclose(found[::-1], backward, atol=1e-6)


def test_predictions_of_blocks_are_those_of_the_whole():
    model, some = linear(), examples(300)
    blocks = [Examples([str(i)], some.inputs[i : i + 100], some.labels[i : i + 100]) for i in (0, 100, 200)]
    found = training.predict(model, iter(blocks))
    np.testing.assert_allclose(found.probabilities, training.predict(model, [some]).probabilities, atol=1e-6)
    assert found.ids == ["0", "100", "200"]
    np.testing.assert_array_equal(found.labels, some.labels)


def test_whole_numbers_of_pixels_predict_the_same_as_floats():
    pixels = np.random.default_rng(0).integers(0, 256, (10, 3)).astype(np.uint8)
    model = linear()
    np.testing.assert_array_equal(
        training.predict(model, [Examples([], pixels, None)]).probabilities,
        training.predict(model, [Examples([], pixels.astype(np.float32), None)]).probabilities,
    )


def test_two_processes_with_the_same_seed_write_the_same_files_to_the_bit(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    rates = schedule(epochs=2, batch=16, learning_rate=0.01, warmup=1, decay="cosine", weight_decay=0.01)
    told = json.dumps(rates | {"unaugmented": 1, "recalibrate": True})
    folders = [tmp_path / "a", tmp_path / "b"]
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", MEMBER, str(folder), told],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for folder in folders
    ]
    for run in runs:
        _, errors = run.communicate()
        assert run.returncode == 0, errors
    for name in ("model", "history", "predictions"):
        first, second = ((folder / name).read_bytes() for folder in folders)
        assert first == second, name
