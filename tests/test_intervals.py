"""Intervals cover what they say, over groups that differ."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from headstart import intervals

REPEATS = 250


def drawn(rng, groups, mean_logit):
    """Right or wrong for the images of ``groups`` drivers, who differ by one logit, and who each image is of."""
    sizes = rng.integers(20, 100, groups)
    units = np.repeat(np.arange(groups), sizes)
    return rng.random(len(units)) < expit(mean_logit + rng.normal(size=groups))[units], units


def covered(intervals, truth):
    return np.mean([low <= truth <= high for low, high in intervals])


@pytest.mark.parametrize("mean_logit", [1, 3])
@pytest.mark.parametrize("groups", [2, 5, 10, 26])
def test_an_accuracy_over_groups_is_covered(groups, mean_logit):
    rng = np.random.default_rng(groups)
    truth = expit(mean_logit + rng.normal(size=500_000)).mean()
    found = [drawn(rng, groups, mean_logit) for _ in range(REPEATS)]
    assert covered([intervals.accuracy(*one) for one in found], truth) >= 0.9
    if groups > 2:  # what was told before: as if images were independent
        assert covered([intervals.wilson(right.sum(), len(right)) for right, _ in found], truth) < 0.75


@pytest.mark.parametrize("groups", [2, 5, 10, 26])
def test_a_loss_over_groups_is_covered(groups):
    rng = np.random.default_rng(groups)
    found = []
    for _ in range(REPEATS):
        units = np.repeat(np.arange(groups), rng.integers(20, 100, groups))
        found.append(
            intervals.loss(np.exp(0.5 * rng.normal(size=groups))[units] * rng.exponential(size=len(units)), units)
        )
    assert covered(found, np.exp(0.125)) >= 0.9


@pytest.mark.parametrize("groups", [2, 5, 10, 26])
def test_a_difference_over_groups_is_covered(groups):
    rng = np.random.default_rng(groups)
    found = []
    for _ in range(REPEATS):
        first, units = drawn(rng, groups, 1)
        gain = rng.normal(0.1, 0.2, groups)[units]
        found.append(intervals.difference(first + gain, first, units)[1:])
    assert covered(found, 0.1) >= 0.9


def test_nothing_wrong_is_not_certainty():
    low, high = intervals.accuracy(np.ones(48, bool), np.repeat(["a", "b", "c"], 16))
    assert (low, high) == intervals.wilson(48, 48)
    assert low == pytest.approx(48 / (48 + 1.959964**2), abs=1e-6)  # Wilson's, by hand
    assert high == 1


def test_where_images_are_independent_it_is_wilsons():
    right = np.array([True] * 30 + [False] * 10)
    assert intervals.accuracy(right, np.arange(40)) == intervals.wilson(30, 40)


def test_never_narrower_than_wilson():
    right = np.tile([True, True, True, False], 12)  # every group has the same share: no spread between groups
    low, high = intervals.accuracy(right, np.repeat(np.arange(12), 4))
    assert (low, high) == intervals.wilson(36, 48)


def test_wider_where_groups_differ():
    right = np.repeat([True, True, True, False], 12)
    low, high = intervals.accuracy(right, np.repeat(np.arange(4), 12))
    below, above = intervals.wilson(36, 48)
    assert low < below
    assert high > above


def test_one_group_has_no_interval():
    right = np.array([True, False])
    assert intervals.accuracy(right, ["a", "a"]) is None
    assert intervals.loss([1.0, 2.0], ["a", "a"]) is None
    assert intervals.difference([1.0, 2.0], [0.0, 0.0], ["a", "a"]) == (1.5, None, None)


def test_a_mean_of_groups_by_hand():
    # Groups of equal size: the jackknife's error is the standard error of their means, 0.5 and 1.5.
    mean, low, high = intervals.difference([1.0, 1.0, 2.0, 2.0], [0.5, 0.5, 0.5, 0.5], ["a", "a", "b", "b"])
    assert mean == 1
    assert high - mean == pytest.approx(12.7062047 * 0.5)
    assert mean - low == pytest.approx(12.7062047 * 0.5)


def test_a_loss_keeps_above_nothing_and_leans_upwards():
    low, high = intervals.loss([0.1, 0.1, 0.5, 0.5], ["a", "a", "b", "b"])
    assert low > 0
    assert high - 0.3 > 0.3 - low
    assert intervals.loss([0.0, 0.0], ["a", "b"]) == (0, 0)


def test_units_are_groups_or_contents():
    images = pd.DataFrame({"group": ["", "", ""], "digest": ["1", "2", "2"]})
    assert list(intervals.units(images)) == ["1", "2", "2"]
    assert not intervals.independent(intervals.units(images))
    assert list(intervals.units(images.assign(group=["x", "y", ""]))) == ["x", "y", ""]
    assert intervals.independent(["1", "2"])
