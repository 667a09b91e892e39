"""Intervals cover what they say, over groups that differ."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from headstart.evaluation import intervals

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
    low, high = intervals.accuracy(np.ones(48, bool), np.arange(48))
    assert low == pytest.approx(48 / (48 + 1.959964**2), abs=1e-6)  # Wilson's, by hand
    assert high == 1


def test_nothing_wrong_over_groups_is_as_wide_as_with_one_wrong():
    units = np.repeat(["a", "b", "c"], [16, 20, 16])
    one_wrong = np.arange(52) != 16  # the first of the largest group
    low, high = intervals.accuracy(np.ones(52, bool), units)
    assert low == intervals.accuracy(one_wrong, units)[0] < intervals.wilson(52, 52)[0]
    assert high == 1
    assert intervals.accuracy(np.zeros(52, bool), units) == (0, intervals.accuracy(~one_wrong, units)[1])


def test_groups_that_are_seldom_hard_are_covered():
    """One group in ten has an accuracy of .95, the others of 1: often all images of five groups are right."""
    rng, found = np.random.default_rng(0), []
    for _ in range(REPEATS):
        units = np.repeat(np.arange(10), 100)
        found.append((rng.random(1000) < np.where(rng.random(10) < 0.1, 0.95, 1)[units], units))
    assert covered([intervals.accuracy(*one) for one in found], 0.995) >= 0.9
    assert covered([intervals.wilson(right.sum(), 1000) for right, _ in found], 0.995) < 0.75


def test_a_loss_is_never_told_above_the_largest_there_can_be():
    units = ["a"] + ["b"] * 1000
    low, high = intervals.loss([10.0] + [0.001] * 1000, units)
    assert 0 <= low < 0.001 + 10 / 1001
    assert high == pytest.approx(-np.log(np.finfo(np.float64).eps))


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


def agreeing(rng, units, better, worse):
    """Right or wrong of two classifiers; the first alone is right on a share ``better`` of images."""
    drawn = rng.random(len(units))
    return drawn < better, (drawn >= better) & (drawn < better + worse)


@pytest.mark.parametrize(("better", "worse"), [(0.03, 0.01), (0.1, 0.05)])
def test_a_difference_in_accuracy_over_few_images_is_covered(better, worse):
    rng, units = np.random.default_rng(0), np.arange(48)
    found = [agreeing(rng, units, better, worse) for _ in range(4 * REPEATS)]
    assert covered([intervals.accuracy_difference(*one, units)[1:] for one in found], better - worse) >= 0.95
    if better < 0.1:  # where hardly any image differs, the spread alone says too little
        assert covered([intervals.difference(*one, units)[1:] for one in found], better - worse) < 0.9


@pytest.mark.parametrize("groups", [2, 5, 10, 26])
def test_a_difference_in_accuracy_over_groups_is_covered(groups):
    rng, found = np.random.default_rng(groups), []
    for _ in range(REPEATS):
        units = np.repeat(np.arange(groups), rng.integers(20, 100, groups))
        found.append((*agreeing(rng, units, rng.uniform(0, 0.4, groups)[units], 0.1), units))
    assert covered([intervals.accuracy_difference(*one)[1:] for one in found], 0.1) >= 0.9


def test_two_classifiers_that_agree_need_not_be_equal():
    right, z = np.ones(48, bool), 1.959964
    mean, low, high = intervals.accuracy_difference(right, right, np.arange(48))
    assert mean == 0
    assert (low, high) == (pytest.approx(-z * np.sqrt(2) / 50, abs=1e-6), pytest.approx(z * np.sqrt(2) / 50, abs=1e-6))
    assert intervals.accuracy_difference(right, right, np.repeat(["a", "b"], 24)) == (0, low, high)
    assert intervals.accuracy_difference(right, right, np.repeat("a", 48)) == (0, None, None)


def test_a_difference_in_accuracy_by_hand_and_no_wider_than_can_be():
    first, second = np.array([1, 1, 1, 0, 1], bool), np.array([0, 0, 1, 1, 1], bool)  # 2 better, 1 worse, of 5
    mean, low, high = intervals.accuracy_difference(first, second, np.arange(5))
    half = 1.959964 * np.sqrt((3 / 7 + 2 / 7 - 1 / 49) / 7)
    assert mean == pytest.approx(0.2)
    assert (low, high) == (pytest.approx(1 / 7 - half, abs=1e-6), pytest.approx(1 / 7 + half, abs=1e-6))
    assert intervals.accuracy_difference(first[:1], second[:1], ["a"]) == (1, None, None)
    for units in (["a", "b", "c"], ["a", "a", "b"]):
        assert intervals.accuracy_difference([1, 1, 1], [0, 0, 1], units)[2] == 1
        assert intervals.accuracy_difference([0, 0, 1], [1, 1, 1], units)[1] == -1


def test_a_difference_in_accuracy_is_wider_where_groups_differ():
    first, second = np.repeat([1, 1, 0, 0] * 4, 6), np.repeat([0, 0, 0, 1] * 4, 6)
    units = np.repeat(np.arange(16), 6)
    assert intervals.accuracy_difference(first, second, units) == intervals.difference(first, second, units)


def test_units_are_groups_or_contents():
    images = pd.DataFrame({"group": ["", "", ""], "digest": ["1", "2", "2"]})
    assert list(intervals.units(images)) == ["1", "2", "2"]
    assert not intervals.independent(intervals.units(images))
    assert list(intervals.units(images.assign(group=["x", "y", ""]))) == ["x", "y", ""]
    assert intervals.independent(["1", "2"])


T1 = 12.706204736  # the .975 quantile of Student's t with one degree of freedom


def test_an_accuracy_over_two_groups_by_hand():
    # Groups of equal size, shares of 1/2 and 1: mean .75, standard error .25; of the log odds, divided by p (1 - p).
    low, high = intervals.accuracy([1, 0] * 4 + [1] * 8, ["a"] * 8 + ["b"] * 8)
    half = T1 * 0.25 / (0.75 * 0.25)
    assert low == pytest.approx(expit(np.log(3) - half))
    assert high == pytest.approx(expit(np.log(3) + half))


def test_a_loss_over_two_groups_by_hand():
    low, high = intervals.loss([0.1, 0.1, 0.2, 0.2], ["a", "a", "b", "b"])
    assert low == pytest.approx(0.15 * np.exp(-T1 * 0.05 / 0.15))
    assert high == pytest.approx(0.15 * np.exp(T1 * 0.05 / 0.15))


def test_the_error_over_groups_of_several_sizes_is_that_of_leaving_each_out():
    values, units = np.array([1.0, 0, 0, 1, 0, 5]), np.array(list("aaabcc"))
    without = np.array([values[units != name].mean() for name in "abc"])
    error = np.sqrt(2 / 3 * ((without - values.mean()) ** 2).sum())
    mean, low, high = intervals.difference(values, np.zeros(6), units)
    assert mean == pytest.approx(7 / 6)
    assert high - mean == pytest.approx(mean - low)
    assert high - mean == pytest.approx(4.30265273 * error)  # two degrees of freedom


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("right", [0, 1])
def test_all_wrong_or_all_right_has_an_interval_without_a_warning(right):
    low, high = intervals.accuracy([right] * 12, ["a", "b", "c"] * 4)
    assert (low if right == 0 else high) == right
    assert 0 < (high if right == 0 else low) < 1


def test_losses_in_float32_are_averaged_in_float64():
    losses, units = np.random.default_rng(0).exponential(size=60).astype(np.float32), np.arange(60) // 6
    assert intervals.loss(losses, units) == intervals.loss(losses.astype(np.float64), units)
