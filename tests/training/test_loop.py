"""Fitting by steps."""

import ast
import io
import sys

import keras
import numpy as np
import pytest
from fitting import DIVERGED, SCHEDULE, compiled, examples, linear, normalised

from headstart.training import loop, networks
from headstart.training.checkpoints import Checkpoint
from headstart.training.examples import Examples
from headstart.training.history import divergence, evaluate


def test_training_learns_and_tells_of_every_epoch():
    history = loop.fit(linear(), examples(), examples(20), schedule=SCHEDULE, seed=1)
    assert history["epoch"].tolist() == [1, 2, 3]
    assert history["loss"].iloc[-1] < history["loss"].iloc[0]
    assert history["validation_accuracy"].iloc[-1] == 1
    assert history["learning_rate"].tolist() == [0.1, 0.1, 0.1]


def test_training_figures_are_means_over_the_whole_epoch():
    model, some = linear(), examples(43)  # the last batch has three rows
    model.layers[-1].trainable = False
    history = loop.fit(model, some, None, schedule=SCHEDULE, seed=1)
    loss, accuracy = model.evaluate(some.inputs, some.labels, verbose=0)
    np.testing.assert_allclose(history["loss"], loss, rtol=1e-5)
    np.testing.assert_allclose(history["accuracy"], accuracy, rtol=1e-6)
    assert 0 < accuracy < 1


@pytest.mark.parametrize("count", [255, 256, 257, 600])
def test_validation_figures_are_means_over_all_its_images(count):
    """They are read in batches of 256."""
    batches, some = [], examples(count)

    class Inputs(np.ndarray):
        def __getitem__(self, numbers):
            batches.append(np.arange(count)[numbers])
            return np.asarray(super().__getitem__(numbers))

    model = linear()
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    probabilities = model.predict(some.inputs, verbose=0)[np.arange(count), some.labels]
    found = evaluate(model, Examples(some.ids, some.inputs.view(Inputs), some.labels))
    right = model.predict(some.inputs, verbose=0).argmax(axis=1) == some.labels
    assert found == pytest.approx((-np.log(probabilities).mean(), right.mean()), rel=1e-5)
    assert max(map(len, batches)) <= 256
    assert {number for batch in batches for number in batch} == set(range(count))


def test_without_validation_its_columns_are_empty():
    history = loop.fit(linear(), examples(), None, schedule=SCHEDULE, seed=1)
    assert history[["validation_loss", "validation_accuracy"]].isna().all(axis=None)


def test_the_loss_that_is_told_of_is_without_what_weights_add():
    data, plain = examples(), {"blocks": [], "dense": [4], "batch_norm": False, "dropout": 0}
    keras.utils.set_random_seed(1)
    model = networks.classifier(data.inputs.shape[1:], 3, **plain, l2=5.0)
    history = loop.fit(model, data, data, schedule=SCHEDULE | {"learning_rate": 1e-6}, seed=1)
    probabilities = model.predict(data.inputs, verbose=0)
    expected = -np.log(probabilities[np.arange(len(data.labels)), data.labels]).mean()
    assert history["validation_loss"].iloc[-1] == pytest.approx(expected, rel=1e-4)
    assert history["loss"].iloc[-1] == pytest.approx(expected, rel=0.05)
    assert sum(map(float, model.losses)) > 2 * expected


def test_every_step_has_the_rate_of_the_schedule():
    model = linear()
    loop.fit(model, examples(), examples(20), schedule={**SCHEDULE, "decay": "cosine"}, seed=1)
    assert int(model.optimizer.iterations) == 15
    assert len(model.optimizer._learning_rate.rates) == 15


def test_validation_is_never_transformed():
    def spoil(inputs, seed):
        return inputs * 0

    model = linear()
    model.layers[-1].trainable = False
    history = loop.fit(model, examples(), examples(20), schedule=SCHEDULE, seed=1, transform=spoil)
    plain = loop.fit(model, examples(), examples(20), schedule=SCHEDULE, seed=1)
    assert history["validation_loss"].tolist() == plain["validation_loss"].tolist()
    assert history["loss"].tolist() != plain["loss"].tolist()


def test_the_last_epochs_train_on_images_as_they_are():
    told = []

    def note(inputs, seed):
        told.append(seed[1])
        return inputs * 0

    model = linear()
    model.layers[-1].trainable = False  # so that an epoch's figures tell of its inputs alone
    history = loop.fit(model, examples(), None, schedule=SCHEDULE | {"unaugmented_epochs": 2}, seed=1, transform=note)
    assert told == [0] * 5  # of three epochs, the first alone
    assert history["loss"][0] != history["loss"][1] == pytest.approx(history["loss"][2])


def test_frozen_layers_do_not_change():
    model = networks.classifier((3,), 3, blocks=[], dense=[4], batch_norm=True, dropout=0)
    frozen = next(layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization))
    frozen.trainable = False
    before = [weight.copy() for weight in frozen.get_weights()]
    last = model.layers[-1].get_weights()[0].copy()
    loop.fit(model, examples(), examples(20), schedule={**SCHEDULE, "weight_decay": 0.1}, seed=1)
    for weight, old in zip(frozen.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)
    assert np.abs(model.layers[-1].get_weights()[0] - last).max() > 0


def test_weight_decay_shrinks_kernels_and_leaves_biases_gammas_and_betas():
    model, _ = normalised()
    for weight in model.trainable_weights:
        weight.assign(np.ones(weight.shape))
    optimizer = loop._optimizer(model, [0.1], 0.5)
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
        loop.fit(model, some, None, schedule=SCHEDULE | {"epochs": 1, "weight_decay": decay}, seed=1)
        found.append([np.asarray(weight) for weight in model.trainable_weights])
    for plain, decayed in zip(*found, strict=True):  # after one step, in which decay has no say in the slopes
        assert np.array_equal(plain, decayed) == (plain.ndim == 1)


def test_the_bar_counts_epochs_from_the_first_that_is_left(tmp_path, monkeypatch):
    bars = []

    def bar(epochs, **told):
        bars.append((list(epochs), told))
        return epochs

    monkeypatch.setattr(loop.progress, "bar", bar)
    checkpoint = Checkpoint(tmp_path / "state.npz", "a")
    for last in (1, 3):
        options = {"checkpoint": checkpoint, "terminal": "here", "title": "pets"}
        history = loop.fit(linear(), examples(), None, schedule=SCHEDULE | {"epochs": last}, seed=1, **options)
    assert len(history) == 3
    told = {"desc": "pets", "unit": " epochs", "terminal": "here"}
    assert bars == [([0], told | {"initial": 0, "total": 1}), ([1, 2], told | {"initial": 1, "total": 3})]


def test_training_goes_through_the_root_of_zero():
    below = [keras.layers.Conv2D(2, 1, activation="relu"), keras.layers.MaxPooling2D()]
    model = linear((4, 4, 1), feature_norm="sqrt_l2", before=below)
    rows = np.random.default_rng(0).normal(size=(6, 4, 4, 1)).astype(np.float32)
    some = Examples(list("abcdef"), rows, np.arange(6, dtype=np.int32) % 3)
    before = below[0].get_weights()
    loop.fit(model, some, None, schedule=SCHEDULE, seed=1)
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    assert not np.array_equal(before[0], below[0].get_weights()[0])


def test_a_training_that_diverges_ends_with_that_epoch(capsys):
    model = networks.classifier((3,), 3, blocks=[], dense=[8], batch_norm=True, dropout=0.5)
    history = loop.fit(model, examples(), examples(20), schedule=SCHEDULE | {"learning_rate": 1e30}, seed=1)
    assert divergence(history, SCHEDULE) == DIVERGED
    assert history["epoch"].tolist() == [1]
    assert history["learning_rate"].tolist() == [1e30]
    figures = ["loss", "accuracy", "validation_loss", "validation_accuracy"]
    assert history[figures].isna().all(axis=None)


def test_weights_that_are_no_numbers_after_the_last_step_are_a_divergence():
    model, some = linear(), examples(8)  # one batch: the loss is measured before the step
    history = loop.fit(model, some, None, schedule=SCHEDULE | {"learning_rate": 1e39}, seed=1)
    assert divergence(history, SCHEDULE) == DIVERGED


@pytest.mark.parametrize(("trained", "validated", "finite"), [(1, 1, True), (np.nan, 1, False), (1, np.inf, False)])
def test_each_loss_of_an_epoch_must_be_finite(trained, validated, finite):
    assert loop._finite(linear(), (trained, 0.5), (validated, 0.5)) == finite


def test_a_validation_loss_that_is_no_number_is_a_divergence():
    some = examples()
    held_out = Examples(some.ids, some.inputs * np.inf, some.labels)
    assert divergence(loop.fit(linear(), some, held_out, schedule=SCHEDULE, seed=1), SCHEDULE) == DIVERGED
    assert divergence(loop.fit(linear(), some, some, schedule=SCHEDULE, seed=1), SCHEDULE) is None


def test_an_epoch_that_diverged_is_no_state_to_go_on_from(tmp_path):
    checkpoint = Checkpoint(tmp_path / "state.npz", "a")
    schedule = SCHEDULE | {"piecewise": [[1, 0.1], [2, 1e39]]}
    loop.fit(linear(), examples(), None, schedule=schedule, seed=1, checkpoint=checkpoint)
    assert len(checkpoint.restore(compiled(linear()))) == 1


class Log(io.StringIO):
    """A log that counts how often it was flushed."""

    flushed = 0

    def flush(self):
        self.flushed += 1


def test_the_log_has_a_line_for_each_epoch_at_once_and_no_bar(monkeypatch):
    log = Log()
    monkeypatch.setattr(sys, "stdout", log)
    history = loop.fit(linear(), examples(), examples(20), schedule=SCHEDULE, seed=1)
    lines = log.getvalue().splitlines()
    assert [ast.literal_eval(line) for line in lines] == history.to_dict("records")
    assert log.flushed >= len(lines) == 3
