"""Predictions averaged over neighbours and softened, chosen on validation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from headstart import refinement

RNG = np.random.default_rng(0)


def random(count=12, classes=3, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(classes), count)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_the_nearest_image_is_the_image_itself_even_among_twins(metric):
    features = RNG.normal(size=(10, 2, 2, 3)).astype(np.float32)
    features[3] = features[7]
    order = refinement.nearest(features, 4, metric)
    assert order.shape == (10, 4)
    assert order[:, 0].tolist() == list(range(10))
    assert order[3, 1] == 7 and order[7, 1] == 3
    assert all(len(set(row)) == 4 for row in order.tolist())


def test_neighbours_are_those_of_the_metric():
    features = np.array([[1, 0], [10, 0.5], [1, 1], [0.9, 1]])
    assert refinement.nearest(features, 2, "euclidean")[0, 1] == 2
    assert refinement.nearest(features, 2, "cosine")[0, 1] == 1


def test_pictures_without_any_feature_have_neighbours_too():
    assert refinement.nearest(np.zeros((3, 2), np.float32), 3, "cosine").shape == (3, 3)


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_there_are_no_more_neighbours_than_images(count):
    order = refinement.nearest(RNG.normal(size=(5, 4)), count, "cosine")
    assert order.shape == (5, min(count, 5))


def test_one_neighbour_and_no_temperature_change_nothing():
    probabilities = random()
    order = refinement.nearest(RNG.normal(size=(12, 4)), 3, "cosine")
    np.testing.assert_allclose(refinement.refine(probabilities, order, 1, 1.0), probabilities, rtol=1e-12)


def test_neighbours_are_averaged():
    probabilities, order = random(), refinement.nearest(RNG.normal(size=(12, 4)), 3, "cosine")
    found = refinement.refine(probabilities, order, 3, 1.0)
    np.testing.assert_allclose(found[5], probabilities[order[5]].mean(axis=0), rtol=1e-12)


@settings(deadline=None)
@given(st.floats(0.05, 20), st.integers(0, 99))
def test_a_temperature_divides_logits(degree, seed):
    logits = np.random.default_rng(seed).normal(size=(6, 4))
    softmax = lambda x: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)  # noqa: E731
    found = refinement.refine(softmax(logits), np.arange(6)[:, None], 1, degree)
    np.testing.assert_allclose(found, softmax(logits / degree), rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_certainty_stays_a_number_under_any_temperature():
    found = refinement.refine(np.array([[1.0, 0.0]]), np.array([[0]]), 1, 2.0)
    assert np.isfinite(found).all() and 0 < found[0, 1] < 1e-15


def test_what_was_tried_has_a_row_for_each_pair_and_fold_with_its_loss():
    probabilities, labels = random(10), np.arange(10) % 3
    orders = {0: (np.arange(6), np.arange(6)[:, None]), 3: (np.arange(6, 10), np.arange(4)[:, None])}
    table = refinement.tried(probabilities, labels, orders, [1], [1.0, 2.0])
    assert table[["fold", "temperature"]].to_numpy().tolist() == [[0, 1], [0, 2], [3, 1], [3, 2]]
    assert table["images"].tolist() == [6, 6, 4, 4]
    assert table["log_loss"][2] == pytest.approx(log_loss(labels[6:], probabilities[6:], labels=range(3)))


def test_the_best_is_that_of_all_images_and_of_equals_the_first():
    table = pd.DataFrame(
        [(0, 1, 1.0, 10, 0.5), (0, 5, 1.0, 10, 0.4), (1, 1, 1.0, 90, 0.5), (1, 5, 1.0, 90, 0.52)],
        columns=["fold", "neighbours", "temperature", "images", "log_loss"],
    )
    assert refinement.best(table) == (1, 1.0)
    assert refinement.best(table[table["fold"] == 0]) == (5, 1.0)
    table["log_loss"] = 0.5
    assert refinement.best(table.iloc[::-1]) == (5, 1.0)
