"""Predictions in the form that a competition takes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.errors import InputError
from headstart.predictions import Part
from headstart.submissions import submission

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


@settings(deadline=None)
@given(st.floats(0, 0.4), st.floats(0.6, 1), st.lists(st.floats(0, 1), min_size=1))
def test_no_probability_is_outside_the_clip(low, high, dogs):
    rows = np.array([[1 - dog, dog] for dog in dogs])
    found = submission(Part(["x"] * len(dogs), rows, None), ["cat", "dog"], id="id", clip=(low, high))
    assert found[["cat", "dog"]].to_numpy().min() >= low
    assert found[["cat", "dog"]].to_numpy().max() <= high
