"""The average of members' predictions."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import part
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from headstart.core.errors import InputError
from headstart.evaluation import ensemble
from headstart.formats.predictions import Part


def test_the_average_is_the_mean_of_the_members():
    members = [{"validation": part(seed)} for seed in range(6)]
    found = ensemble.average(members)["validation"]
    expected = np.mean([member["validation"].probabilities.astype(np.float64) for member in members], axis=0)
    np.testing.assert_allclose(found.probabilities, expected, rtol=1e-15)
    assert found.ids == members[0]["validation"].ids
    assert found.labels.tolist() == members[0]["validation"].labels.tolist()


def test_the_average_of_one_member_is_that_member():
    np.testing.assert_array_equal(ensemble.average([{"test": part(3)}])["test"].probabilities, part(3).probabilities)


@settings(deadline=None)
@given(arrays(np.float32, (4, 6, 3), elements=st.floats(0.0625, 1, width=32)))
def test_rows_of_an_average_sum_to_one(weights):
    members = [{"test": Part(list("abcdef"), rows / rows.sum(axis=1, keepdims=True), None)} for rows in weights]
    np.testing.assert_allclose(ensemble.average(members)["test"].probabilities.sum(axis=1), 1, atol=1e-6)


def test_an_average_keeps_all_parts():
    members = [{"validation": part(seed), "test": part(seed, 3, labels=False)} for seed in (1, 2)]
    found = ensemble.average(members)
    assert list(found) == ["validation", "test"]
    assert found["test"].labels is None


def test_a_member_that_predicts_other_images_is_refused():
    with pytest.raises(InputError, match="member 2: its test images do not match"):
        ensemble.average([{"test": part(count=5)}, {"test": part(count=4)}])


def test_a_member_that_predicts_in_another_order_is_refused():
    other = Part(part().ids[::-1], part().probabilities, None)
    with pytest.raises(InputError, match="member 3"):
        ensemble.average([{"test": part()}, {"test": part()}, {"test": other}])


def test_a_member_that_lacks_a_part_is_refused():
    with pytest.raises(InputError, match="member 2"):
        ensemble.average([{"validation": part(), "test": part()}, {"validation": part()}])


def test_a_part_that_only_a_later_member_has_is_refused():
    with pytest.raises(InputError, match="member 1: its test images do not match"):
        ensemble.average([{"validation": part()}, {"validation": part(), "test": part()}])


def test_validation_images_that_are_dealt_out_come_together():
    members = [{"validation": piece(names, seed)} for seed, names in enumerate(["abc", "de", "abc", "de"])]
    found = ensemble.average(members)["validation"]
    assert found.ids == list("abcde")
    assert found.labels.tolist() == [0, 1, 2, 0, 1]
    parts = [member["validation"].probabilities.astype(np.float64) for member in members]
    np.testing.assert_allclose(found.probabilities[:3], (parts[0] + parts[2]) / 2, rtol=1e-15)
    np.testing.assert_allclose(found.probabilities[3:], (parts[1] + parts[3]) / 2, rtol=1e-15)


def test_validation_images_of_two_members_are_the_same_or_none_in_common():
    with pytest.raises(InputError, match="member 2: its validation images do not match"):
        ensemble.average([{"validation": piece("abc", 0)}, {"validation": piece("cd", 1)}])


def test_test_images_are_not_dealt_out():
    with pytest.raises(InputError, match="member 2: its test images do not match"):
        ensemble.average([{"test": piece("abc", 0)}, {"test": piece("de", 1)}])


def test_the_geometric_mean_is_that_of_the_logarithms():
    members = [{"test": piece("abcd", seed)} for seed in range(3)]
    found = ensemble.average(members, "geometric")["test"].probabilities
    product = np.prod([member["test"].probabilities.astype(np.float64) for member in members], axis=0) ** (1 / 3)
    np.testing.assert_allclose(found, product / product.sum(axis=1, keepdims=True), rtol=1e-9)


def test_a_zero_does_not_spoil_a_geometric_mean():
    sure, unsure = (Part(["a"], np.array([row], np.float32), None) for row in ([1, 0], [0.5, 0.5]))
    found = ensemble.average([{"test": sure}, {"test": unsure}], "geometric")["test"].probabilities
    assert np.isfinite(found).all()
    assert found[0, 0] > 0.99
    tiny = float(np.finfo(np.float32).tiny)  # what a zero counts as
    assert found[0, 1] == pytest.approx(np.sqrt(tiny / 2) / np.sqrt(1 / 2), rel=1e-12, abs=0)


def test_a_mean_says_which_members_diverged():
    whole, broken = {"test": part()}, {"test": replace(part(), diverged="in epoch 2")}
    assert ensemble.average([whole, whole])["test"].diverged is None
    assert ensemble.average([broken])["test"].diverged == "in epoch 2"
    later = {"test": replace(part(), diverged="in epoch 5")}
    assert ensemble.average([whole, broken, later])["test"].diverged == "2 of 3 members; member 2: in epoch 2"


def piece(names, seed):
    rows = np.random.default_rng(seed).dirichlet([1, 1, 1], len(names)).astype(np.float32)
    return Part(list(names), rows, np.arange(len(names), dtype=np.int32) % 3)
