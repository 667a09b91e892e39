"""What predictions are worth."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart import metrics
from headstart.predictions import Part

CLASSES = ["cat", "dog", "owl"]


def part(labels, predicted, sure=0.8):
    """Predictions that give ``sure`` to the predicted class and share the rest."""
    probabilities = np.full((len(labels), 3), (1 - sure) / 2)
    probabilities[np.arange(len(labels)), predicted] = sure
    return Part([str(i) for i in range(len(labels))], probabilities, np.array(labels))


def test_the_numbers_of_a_small_case_are_those_worked_out_by_hand():
    found = metrics.evaluate(part([0, 0, 1, 2], [0, 1, 1, 2]), CLASSES)
    assert found["images"] == 4
    assert found["accuracy"] == 0.75
    assert found["log_loss"] == pytest.approx(-(3 * np.log(0.8) + np.log(0.1)) / 4)
    assert found["confusion"] == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert found["mistakes"] == [[0, 1, 1]]


def test_the_interval_is_wilsons():
    found = metrics.evaluate(part([0] * 100, [0] * 90 + [1] * 10), CLASSES)
    z, p, n = 1.959964, 0.9, 100
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    assert found["accuracy_95"] == pytest.approx([centre - half, centre + half], abs=1e-6)


def test_a_class_that_nobody_has_is_in_the_confusion_matrix():
    assert metrics.evaluate(part([0, 0], [0, 0]), CLASSES)["confusion"] == [[2, 0, 0], [0, 0, 0], [0, 0, 0]]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=50))
def test_metrics_agree_with_each_other_and_are_plain_numbers(pairs):
    found = metrics.evaluate(part(*map(list, zip(*pairs, strict=True))), CLASSES)
    low, high = found["accuracy_95"]
    assert 0 <= low <= found["accuracy"] <= high <= 1
    assert np.trace(found["confusion"]) == pytest.approx(found["accuracy"] * len(pairs))
    assert np.sum(found["confusion"]) == found["images"] == len(pairs)
    assert json.loads(json.dumps(found)) == found


@pytest.mark.filterwarnings("error")
def test_probabilities_in_float32_are_taken_as_they_are():
    rows = np.random.default_rng(0).dirichlet(np.ones(3), 50).astype(np.float32)
    found = metrics.evaluate(Part([""] * 50, rows, np.zeros(50, int)), CLASSES)
    assert found["log_loss"] == pytest.approx(-np.log(rows[:, 0].astype(float)).mean(), rel=1e-5)


def test_of_thousands_of_classes_the_mistakes_are_kept_and_no_matrix():
    classes = [f"s{number}" for number in range(2000)]
    labels = np.arange(2000)
    predicted = np.where(labels < 3, 1999, labels)
    probabilities = np.zeros((2003, 2000), np.float32)
    probabilities[np.arange(2003), [*predicted, 7, 7, 7]] = 1
    found = metrics.evaluate(Part(list(map(str, range(2003))), probabilities, np.array([*labels, 8, 8, 9])), classes)
    assert found["mistakes"] == [[8, 7, 2], [0, 1999, 1], [1, 1999, 1]]
    assert found["confusion"] is None
    assert len(json.dumps(found)) < 1000
