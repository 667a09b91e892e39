"""Predictions in the form that a competition takes."""

import numpy as np
import pandas as pd

from headstart.errors import InputError


def submission(part, classes, *, id, positive=None, clip=(0.0, 1.0)):
    """Return a data frame to submit: the column ``id``, then probabilities clipped to ``clip``.

    With ``positive`` there is one column, ``label``: the probability of that class (Dogs vs Cats: id,label). Without,
    there is a column a class (State Farm: img,c0,…,c9). Log loss punishes certainty that is wrong without bound; the
    clip bounds it. Raises `InputError` where ``positive`` is no class.
    """
    low, high = clip
    probabilities = np.clip(part.probabilities, low, high)
    if positive is None:
        return pd.DataFrame({id: part.ids} | {name: probabilities[:, i] for i, name in enumerate(classes)})
    if positive not in classes:
        raise InputError(f"submission.positive: {positive!r}, expected one of {', '.join(classes)}")
    return pd.DataFrame({id: part.ids, "label": probabilities[:, classes.index(positive)]})
