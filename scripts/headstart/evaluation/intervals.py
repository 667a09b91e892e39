"""Compute 95 % intervals of accuracy, log loss and their differences, over groups where there are groups.

Pictures of one group (a driver, a patient) are alike. So the spread between groups decides, not the number of images.
"""

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import binomtest, norm, t

LEVEL = 0.95
WORST = -np.log(np.finfo(np.float64).eps)  # the largest loss that `metrics.scores` gives
FEW = 8  # with fewer groups, an interval rests on too little to be more than a hint


def units(images):
    """Return the unit of each image: its group, or the digest of its content where no image has a group.

    ``images`` are rows of a manifest. Where some have a group, all images without one are a unit together. Where none
    has, equal pictures are one unit, since they are right or wrong together. See `independent`.
    """
    grouped = (images["group"] != "").any()
    return images["group" if grouped else "digest"].to_numpy()


def independent(units):
    """Return whether every image is a unit of its own."""
    return len(set(units)) == len(units)


def wilson(right, images):
    """Return (low, high) of Wilson's binomial 95 % interval (JASA 22, 1927) for ``right`` out of ``images``."""
    found = binomtest(int(right), int(images)).proportion_ci(LEVEL, "wilson")
    return float(found.low), float(found.high)


def accuracy(right, units):
    """Return (low, high) of the 95 % interval of an accuracy, or None where there is one unit only.

    ``right`` says of each image whether it was classified rightly, ``units`` name its group. Where every image is a
    unit of its own, the interval is Wilson's. Else it is Student's t over units on the scale of log odds, which keeps
    it within 0 and 1. It is never narrower than Wilson's over the images. Where all images are alike, it is computed as
    if one of the largest group were not. Groups that were easy so far say little of the next.
    """
    values = np.asarray(right, float)
    share, error, count = _spread(values, units)
    if count < 2:
        return None
    low, high = wilson(np.sum(right), len(right))
    if independent(units):
        return low, high
    if not 0 < share < 1:
        share, error, _ = _spread(_with_one_other(values, units), units)
    half = _quantile(count) * error / (share * (1 - share))
    return min(low, float(expit(logit(share) - half))), max(high, float(expit(logit(share) + half)))


def loss(losses, units):
    """Return (low, high) of the 95 % interval of a mean of positive losses, or None for a single unit.

    The interval is Student's t over units on the logarithm of the mean, since losses are skewed to the right. It ends
    at most at the largest possible loss, -log of float64's epsilon. A mean of 0 gives 0 twice.
    """
    values = np.asarray(losses, float)
    mean, error, count = _spread(values, units)
    if count < 2:
        return None
    if mean <= 0:
        return float(mean), float(mean)
    half = _quantile(count) * error / mean
    highest = max(WORST, values.max())  # no interval ends above the largest possible loss
    return float(mean * np.exp(-half)), float(min(mean * np.exp(min(half, np.log(highest / mean) + 1)), highest))


def difference(first, second, units):
    """Return (mean, low, high) of ``first`` - ``second``, paired by image, with its 95 % interval over units.

    The interval is Student's t over units; low and high are None where there is one unit only.
    """
    mean, error, count = _spread(np.asarray(first, float) - np.asarray(second, float), units)
    if count < 2:
        return float(mean), None, None
    half = _quantile(count) * error
    return float(mean), float(mean - half), float(mean + half)


def accuracy_difference(first, second, units):
    """Return (mean, low, high) as `difference` does, of two classifiers that were right or wrong on the same images.

    The interval is never narrower than Bonett and Price's over images (J. Educ. Behav. Stat. 37, 2012). Two classifiers
    that agree on every image need not be equally good. Where every image is a unit of its own, Bonett and Price's is
    the interval.
    """
    mean, low, high = difference(first, second, units)
    if low is None:
        return mean, None, None
    below, above = _bonett_price(np.asarray(first, bool), np.asarray(second, bool))
    if not independent(units):
        below, above = min(low, below), max(high, above)
    return mean, max(-1.0, below), min(1.0, above)


def _bonett_price(first, second):
    images = len(first) + 2
    better, worse = ((first & ~second).sum() + 1) / images, ((second & ~first).sum() + 1) / images
    half = norm.ppf((1 + LEVEL) / 2) * np.sqrt((better + worse - (better - worse) ** 2) / images)
    return float(better - worse - half), float(better - worse + half)


def _with_one_other(values, units):
    """Return a copy of ``values``, all zeros or all ones, with one value of the largest group flipped."""
    number, _ = pd.factorize(np.asarray(units))
    changed = values.copy()
    changed[np.argmax(number == np.bincount(number).argmax())] = 1 - values[0]
    return changed


def _spread(values, units):
    """Return the mean over images, its standard error by the jackknife over units, and the number of units.

    It is the delete-a-group jackknife of a ratio (Wolter, Introduction to Variance Estimation, 2nd ed., 2007, 4.2).
    """
    number, names = pd.factorize(np.asarray(units))
    count = len(names)
    mean = values.mean()
    if count < 2:
        return mean, np.nan, count
    sums, images = np.bincount(number, weights=values), np.bincount(number)
    without = (sums.sum() - sums) / (images.sum() - images)
    return mean, np.sqrt((count - 1) / count * ((without - mean) ** 2).sum()), count


def _quantile(count):
    return t.ppf((1 + LEVEL) / 2, count - 1)
