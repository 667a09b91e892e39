"""Bring predictions into the form that a competition takes."""

import numpy as np
import pandas as pd

from headstart.core.errors import InputError

HIGHEST = (0.9999, 0.9995, 0.999, 0.998, 0.995, 0.99, 0.98, 0.97, 0.95, 0.93, 0.9)  # upper limits to try


def surest(images):
    """Return the highest probability that ``images`` held-out images allow, if all of them are right.

    The bound is Laplace's rule of succession (Essai philosophique sur les probabilités, 1814). After n right answers of
    n, the next one is wrong with a probability of 1 / (n + 2). On the n images this costs less than 1 / n of log loss.
    Images of few groups allow less. So this bounds the cost of a wrong answer and promises no more.
    """
    return 1 - 1 / (images + 2)


def limits(part):
    """Return ``((low, high), log loss)``: the limits with the lowest log loss on a labelled part, and that log loss.

    Log loss punishes wrong certainty without bound. A clip bounds it, and costs a little on everything else. ``high``
    is `surest` or one of `HIGHEST` below it, the highest of equals. ``low`` is (1 - high) / (classes - 1). Rows are
    normalised to a sum of 1 again, as competitions do.
    """
    from sklearn.metrics import log_loss  # half a second, which few stages need

    classes, most = part.probabilities.shape[1], surest(len(part.labels))
    found = []
    for high in [most, *(high for high in HIGHEST if high < most)]:
        clip = (1 - high) / (classes - 1), high
        probabilities = np.clip(np.asarray(part.probabilities, np.float64), *clip)
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        found.append((clip, float(log_loss(part.labels, probabilities, labels=range(classes)))))
    return min(found, key=lambda one: one[1])


def submission(part, classes, *, id, positive=None, clip=(0.0, 1.0)):
    """Return a data frame to submit: the column ``id``, then probabilities clipped to ``clip``, (lowest, highest).

    With ``positive`` there is one column, ``label``: the probability of that class (Dogs vs Cats: id,label). Without,
    there is a column for each class (State Farm: img,c0,…,c9). Raises `InputError` where ``positive`` is not a class.
    """
    low, high = clip
    probabilities = np.clip(np.asarray(part.probabilities, np.float64), low, high)
    if positive is None:
        return pd.DataFrame({id: part.ids} | {name: probabilities[:, i] for i, name in enumerate(classes)})
    if positive not in classes:
        raise InputError(f"submission.positive: expected one of {', '.join(classes)} (got {positive!r}). Name a class.")
    return pd.DataFrame({id: part.ids, "label": probabilities[:, classes.index(positive)]})
