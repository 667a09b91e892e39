"""Decide which images train, and which validate.

A split is the manifest's usable ids with part (train, validation, test) and fold. Every labelled train image is in one
fold, and the published test part in none. The part says how a member that validates on fold 0 uses the images. All
members do so, except those of recipes with ``cross_validate`` true or ``hold_out`` false.
"""

import numpy as np
import pandas as pd

from headstart.core.errors import InputError
from headstart.data import duplicates
from headstart.data.manifests import usable
from headstart.formats.tables import read_csv

DEALS = 500  # assignments of groups to folds to draw, for each fold
WORK = 50_000_000  # at most so many sums (some seconds), but always those of ten assignments


def read(path):
    """Return a split as a data frame, with fold as a nullable integer. Raise `InputError` where its end is missing."""
    return read_csv(path, dtype={"id": str, "part": str, "fold": "Int64"}, na_values={"fold": [""]})


def split(manifest, *, folds, seed, grouped=True, held_out=(0,)):
    """Return id, part and fold for every usable image of a manifest.

    Folds never divide the copies of a picture. Nor do they divide a group, where the manifest names groups and unless
    ``grouped`` is false. Folds of groups are drawn (see `deal`). Others are stratified by label (scikit-learn's
    StratifiedKFold). Raises `InputError` where there are fewer groups, or pictures of a class, than folds. ``held_out``
    are the folds that some member validates on. Raises `InputError` where one of them leaves no image of a class to
    train on.
    """
    train, test = usable(manifest, "train"), usable(manifest, "test")
    fold = _folds(train, folds, seed, grouped and (train["group"] != "").any())
    for number in held_out:
        missing = unseen(train["label"], fold == number)
        if missing:
            raise InputError(
                f"all images of class {missing[0]!r} are in fold {number}, so a member that validates on it has none "
                f"to train on. Add images of that class to another group, or lower members of recipes with "
                f"cross_validate: true."
            )
    parts = pd.DataFrame({"id": train["id"], "part": fold.map(lambda n: "train" if n else "validation"), "fold": fold})
    rest = pd.DataFrame({"id": test["id"], "part": "test", "fold": pd.Series(pd.NA, index=test.index, dtype="Int64")})
    return pd.concat([parts, rest], ignore_index=True)


def _folds(train, folds, seed, grouped):
    """Return the fold of each train image, as a series."""
    groups, labels = train["group"], train["label"]
    if grouped and (groups == "").any():
        raise InputError(
            f"image {train.loc[groups == '', 'id'].iloc[0]!r} has no group, but others have one. Fill in its group."
        )
    units = duplicates.units(train, grouped)
    count = len(np.unique(units))
    if grouped and count < folds:
        joined = f" ({groups.nunique()} before joining those that share a picture)" if count < groups.nunique() else ""
        raise InputError(f"{count} groups{joined} cannot fill {folds} folds. Lower split.folds.")
    sizes = labels[~pd.Series(units, labels.index).duplicated()].value_counts()
    if not grouped and sizes.min() < folds:
        raise InputError(
            f"{sizes.min()} images of class {sizes.idxmin()!r} cannot fill {folds} folds. Lower split.folds."
        )
    fold = pd.Series(0, index=train.index, dtype="Int64")
    if grouped:
        fold[:] = deal(pd.crosstab(units, labels.to_numpy()).to_numpy(), folds, seed)[units]
        return fold
    from sklearn.model_selection import StratifiedKFold  # half a second, which few stages need

    first, dealt = np.unique(units, return_index=True)[1], np.empty(count, int)  # one image for all of its copies
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for number, (_, validation) in enumerate(splitter.split(first, labels.iloc[first])):
        dealt[validation] = number
    fold[:] = dealt[units]
    return fold


def deal(counts, folds, seed):
    """Return the fold of each group, drawn by ``seed``; no fold is empty where there are as many groups.

    ``counts`` are the images of each class that a group has, groups × classes. Many assignments are drawn: groups in
    random order, each to the fold where the sum of squares grows least. Assignments that leave the fewest classes
    without an image to train on come first. Of these the most balanced is kept (see `imbalance`). Folds that leave a
    class without come last.
    """
    rng = np.random.default_rng(seed)
    total, (groups, classes) = counts.sum(axis=0), counts.shape
    deals = max(10, min(DEALS * folds, WORK // (groups * folds * (classes + 1))))
    # Whole numbers that a float64 holds exactly, so that every processor draws the same.
    rows = np.column_stack([counts, counts.sum(axis=1)]).astype(float)
    weights = np.append(total.sum() ** 2 // total**2, 1).astype(float)
    drawn, filled = np.empty((deals, groups), int), np.zeros((deals, folds, classes + 1))
    each = np.arange(deals)
    for group in rng.permuted(np.tile(np.arange(groups), (deals, 1)), axis=1).T:
        cost = np.matmul(filled, (rows[group] * weights)[:, :, None])[:, :, 0]
        drawn[each, group] = cost.argmin(axis=1)
        filled[each, drawn[each, group]] += rows[group]
    lacking = (filled[:, :, :-1] == total).any(axis=2)
    best = np.lexsort((imbalance(filled[:, :, :-1]), lacking.sum(axis=1)))[0]
    order = np.argsort(lacking[best], kind="stable")
    return np.argsort(order)[drawn[best]]


def imbalance(filled):
    """Return how uneven assignments are: the sum of two deviations from even shares, each the largest of its kind.

    ``filled`` are the images of each class in a fold, … × folds × classes. The first deviation is of a fold's share of
    all images. The second is of a class's share in a fold.
    """
    sizes, classes = filled.sum(axis=-1), filled.sum(axis=-2)
    images = sizes.sum(axis=-1)
    size = np.abs(sizes / images[..., None] - 1 / sizes.shape[-1]).max(axis=-1)
    shares = classes / images[..., None]
    return size + np.abs(filled / sizes[..., None] - shares[..., None, :]).max(axis=(-1, -2))


def unseen(labels, held_out):
    """Return the classes, sorted, whose images are all held out; ``labels`` and ``held_out`` have a row an image."""
    return sorted(set(labels) - set(labels[~held_out]))
