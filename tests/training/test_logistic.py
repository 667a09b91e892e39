"""Heads that are solved, not trained by steps."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from fitting import examples, linear, train_member
from scipy import sparse

from headstart.training import logistic
from headstart.training.examples import Examples


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("feature_norm", [None, "l2", "sqrt_l2"])
def test_a_solved_model_is_where_its_loss_has_no_slope(classes, feature_norm):
    rng = np.random.default_rng(0)
    rows = rng.uniform(0, 1, (60, 2, 2, 2)).astype(np.float32)
    labels = (rows[:, 0, 0, 0] * 1.9 + rng.uniform(0, 0.9, 60)).astype(np.int32) % classes
    some = Examples(list(map(str, range(60))), rows, labels)
    model = linear((2, 2, 2), classes, feature_norm=feature_norm, l2=0.01)
    history = logistic.solve(model, some, some, 1000)
    with tf.GradientTape() as tape:
        loss = keras.ops.mean(keras.losses.sparse_categorical_crossentropy(labels, model(rows))) + sum(model.losses)
    for slope in tape.gradient(loss, model.trainable_weights):
        np.testing.assert_allclose(slope, 0, atol=1e-4)  # in float32
    assert 1 < history["epoch"][0] < 1000
    plain = float(loss) - float(sum(model.losses))
    assert history["loss"][0] == pytest.approx(plain, abs=1e-5) == history["validation_loss"][0]


@pytest.mark.parametrize("share", [0, 0.3, 0.4])
def test_features_that_are_mostly_zeros_are_solved_as_a_sparse_matrix(monkeypatch, share):
    """As a dense one they would take more memory. Either way the lowest place is the same."""
    rng = np.random.default_rng(0)
    rows = (rng.uniform(0.1, 1, (600, 20)) * (np.arange(20) < 20 * share)).astype(np.float32)
    rows = rng.permuted(rows, axis=1).reshape(600, 2, 2, 5)
    given = []

    class Spy(logistic.LogisticRegression):
        def fit(self, inputs, labels):
            given.append(inputs)
            return super().fit(inputs, labels)

    monkeypatch.setattr(logistic, "LogisticRegression", Spy)
    some = Examples(list(map(str, range(600))), rows, rng.integers(0, 3, 600).astype(np.int32))
    found = []
    for limit in (1 / 3, 0 if share else 1 / 3):
        monkeypatch.setattr(logistic, "SPARSE", limit)
        model = linear((2, 2, 5), feature_norm="l2", l2=0.001)
        logistic.solve(model, some, None, 1000)
        found.append(model.layers[-1].get_weights())
    below = keras.Model(model.inputs, model.layers[-1].input)
    assert [sparse.issparse(inputs) for inputs in given] == [share < 1 / 3, share == 0]
    for inputs in given:
        assert inputs.dtype == np.float32
        values = inputs.toarray() if sparse.issparse(inputs) else inputs
        np.testing.assert_array_equal(values, below.predict(rows, verbose=0))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)


HISTORY = ["epoch", "learning_rate", "loss", "accuracy", "validation_loss", "validation_accuracy"]


def test_the_history_of_what_was_solved_has_the_figures_of_the_model():
    some, held_out, model = examples(600), examples(20), linear(l2=0.01)
    history = logistic.solve(model, some, held_out, 1000)
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

    class Spy(logistic.LogisticRegression):
        def fit(self, inputs, labels):
            given.append((inputs.dtype, self.C, self.tol, self.max_iter))
            return super().fit(inputs, labels)

    monkeypatch.setattr(logistic, "LogisticRegression", Spy)
    some = examples()
    some = Examples(some.ids, some.inputs, some.labels % classes)
    logistic.solve(linear(classes=classes, l2=0.01), some, None, 77)
    ((dtype, inverse, tolerance, steps),) = given
    assert dtype == np.float32
    assert inverse == pytest.approx(1 / (times * 0.01 * 40))
    assert (tolerance, steps) == (1e-7, 77)


def test_what_is_solved_in_as_many_steps_as_allowed_says_so(capsys):
    steps = int(logistic.solve(linear(l2=0.1), examples(), None, 1000)["epoch"][0])
    assert "stopped" not in capsys.readouterr().out
    logistic.solve(linear(l2=0.1), examples(), None, steps)
    assert f"stopped after {steps} iterations" in capsys.readouterr().out
    logistic.solve(linear(l2=0.1), examples(), None, steps + 1)
    assert "stopped" not in capsys.readouterr().out


def test_a_member_is_solved_in_at_most_its_epochs_and_its_history_has_no_other_columns(tmp_path):
    network = {"dense": [], "batch_norm": False, "dropout": 0, "l2": 1e-6}
    _, history, _ = train_member(tmp_path, examples(), examples(20), network=network, solver="lbfgs", max_iter=3)
    assert list(history.columns) == HISTORY
    assert history["epoch"].tolist() == [3]


def test_what_is_not_solved_to_its_end_says_so(capsys):
    model = linear(l2=1e-6)
    logistic.solve(model, examples(), None, 3)
    assert "stopped after 3 iterations" in capsys.readouterr().out


def test_a_solved_model_does_not_depend_on_where_it_began():
    found = []
    for seed in (1, 2):
        model = linear(seed=seed, l2=0.01)
        logistic.solve(model, examples(), None, 1000)
        found.append(model.get_weights())
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
