"""Which image trains, and which validates.

A split is the manifest's usable ids with part (train, validation, test) and fold. Every labelled train image is in one
fold, and the published test part in none. The part says what they are to a member that validates on fold 0, as all do
but those of recipes with ``vary`` or ``hold_out``.
"""

import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from headstart.errors import InputError
from headstart.manifests import read_csv, usable


def read(path):
    """Return a split as a data frame, with fold as a nullable integer. Raises `InputError` where its end is missing."""
    return read_csv(path, dtype={"id": str, "part": str, "fold": "Int64"}, na_values={"fold": [""]})


def split(manifest, *, folds, seed, grouped=True):
    """Return id, part and fold for every usable image of a manifest.

    Folds are stratified by label (scikit-learn's StratifiedKFold) and, where the manifest names groups, never divide a
    group (StratifiedGroupKFold), unless ``grouped`` is false. Raises `InputError` where there are fewer groups, or
    images of a class, than folds.
    """
    train, test = usable(manifest, "train"), usable(manifest, "test")
    groups, sizes = train["group"], train["label"].value_counts()
    if grouped and (groups != "").any():
        if (groups == "").any():
            raise InputError(f"image {train.loc[groups == '', 'id'].iloc[0]!r} has no group though others do; name it")
        if groups.nunique() < folds:
            raise InputError(f"{groups.nunique()} groups cannot fill {folds} folds; lower split.folds")
        splitter, few = StratifiedGroupKFold(folds, shuffle=True, random_state=seed), sizes.idxmax()
    else:
        groups = None
        splitter, few = StratifiedKFold(folds, shuffle=True, random_state=seed), sizes.idxmin()
    if sizes[few] < folds:
        raise InputError(f"{sizes[few]} images of class {few!r} cannot fill {folds} folds; lower split.folds")
    fold = pd.Series(0, index=train.index, dtype="Int64")
    for number, (_, held_out) in enumerate(splitter.split(train["id"], train["label"], groups)):
        fold.iloc[held_out] = number
    missing = unseen(train["label"], fold == 0)
    if missing:
        raise InputError(
            f"all images of class {missing[0]!r} fall into validation, none into train; change seed or folds"
        )
    parts = pd.DataFrame({"id": train["id"], "part": fold.map(lambda n: "train" if n else "validation"), "fold": fold})
    rest = pd.DataFrame({"id": test["id"], "part": "test", "fold": pd.Series(pd.NA, index=test.index, dtype="Int64")})
    return pd.concat([parts, rest], ignore_index=True)


def unseen(labels, held_out):
    """Return the classes, sorted, all of whose images are held out; ``labels`` and ``held_out`` have a row an image."""
    return sorted(set(labels) - set(labels[~held_out]))
