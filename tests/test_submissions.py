"""Predictions in the form that a competition takes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.errors import InputError
from headstart.predictions import Part
from headstart.submissions import HIGHEST, limits, submission

PART = Part(["7", "3"], np.array([[0.99, 0.01], [0.4, 0.6]], np.float32), None)


def test_one_column_is_the_probability_of_the_positive_class():
    found = submission(PART, ["cat", "dog"], id="id", positive="dog", clip=(0.05, 0.95))
    assert list(found.columns) == ["id", "label"]
    assert found["id"].tolist() == ["7", "3"]
    assert found["label"].tolist() == pytest.approx([0.05, 0.6])


def test_the_positive_class_may_be_the_first():
    found = submission(PART, ["cat", "dog"], id="id", positive="cat", clip=(0.05, 0.95))
    assert found["label"].tolist() == pytest.approx([0.95, 0.4])


def test_without_a_positive_class_there_is_a_column_a_class():
    found = submission(PART, ["c0", "c1"], id="img")
    assert list(found.columns) == ["img", "c0", "c1"]
    assert found["c0"].tolist() == pytest.approx([0.99, 0.4])
    assert found["c1"].tolist() == pytest.approx([0.01, 0.6])


def test_a_positive_class_that_is_none_is_bad_input():
    with pytest.raises(InputError, match="'bird', expected one of cat, dog"):
        submission(PART, ["cat", "dog"], id="id", positive="bird")


def scored(seed, wrong, count=100, classes=4):
    """Predictions that are certain, and of which some are wrong."""
    labels = np.random.default_rng(seed).integers(classes, size=count)
    said = np.where(np.arange(count) < wrong, (labels + 1) % classes, labels)
    rows = np.full((count, classes), 1e-6)
    rows[np.arange(count), said] = 1 - 1e-6 * (classes - 1)
    return Part([str(i) for i in range(count)], rows, labels)


def test_the_clip_that_validation_chooses_follows_the_share_of_certainty_that_is_wrong():
    (low, high), loss = limits(scored(0, wrong=5))
    assert (low, high) == (pytest.approx(0.05 / 3), 0.95)
    assert loss == pytest.approx(-0.95 * np.log(0.95) - 0.05 * np.log(0.05 / 3))  # 5 of 100: the share is the optimum
    assert limits(scored(0, wrong=1))[0][1] == 0.99
    assert limits(scored(0, wrong=0))[0] == (0, 1)


@pytest.mark.parametrize("seed", range(3))
def test_no_other_limit_has_a_lower_log_loss(seed):
    rows = np.random.default_rng(seed).dirichlet([0.05] * 3, 200)
    part = Part([str(i) for i in range(200)], rows, np.random.default_rng(seed + 9).integers(3, size=200))
    _, loss = limits(part)
    for high in HIGHEST:
        clipped = np.clip(rows, (1 - high) / 2, high)
        clipped /= clipped.sum(axis=1, keepdims=True)
        right = np.maximum(clipped[np.arange(200), part.labels], np.finfo(float).eps)
        assert loss <= -np.log(right).mean() + 1e-9


@settings(deadline=None)
@given(st.floats(0, 0.4), st.floats(0.6, 1), st.lists(st.floats(0, 1), min_size=1))
def test_no_probability_is_outside_the_clip(low, high, dogs):
    rows = np.array([[1 - dog, dog] for dog in dogs])
    found = submission(Part(["x"] * len(dogs), rows, None), ["cat", "dog"], id="id", clip=(low, high))
    assert found[["cat", "dog"]].to_numpy().min() >= low
    assert found[["cat", "dog"]].to_numpy().max() <= high
