"""Which image trains, and which validates.

A split is the manifest's usable ids with part (train, validation, test) and fold. Every labelled train image is in one
fold; validation is fold 0, and the published test part has no fold.
"""

import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from headstart.errors import InputError
from headstart.manifests import usable


def read(path):
    """Return a split as a data frame, with fold as a nullable integer."""
    return pd.read_csv(path, dtype={"id": str, "part": str, "fold": "Int64"})


def split(manifest, *, folds, seed):
    """Return id, part and fold for every usable image of a manifest.

    Folds are stratified by label (scikit-learn's StratifiedKFold) and, where the manifest names groups, never divide a
    group (StratifiedGroupKFold). Raises `InputError` where there are fewer groups, or images of a class, than folds.
    """
    train, test = usable(manifest, "train"), usable(manifest, "test")
    groups = train["group"]
    if (groups != "").any():
        if (groups == "").any():
            raise InputError(
                f"image {train.loc[groups == '', 'id'].iloc[0]!r} has no group though others have; name it"
            )
        if groups.nunique() < folds:
            raise InputError(f"{groups.nunique()} groups cannot fill {folds} folds; lower split.folds")
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    else:
        fewest = train["label"].value_counts()
        if fewest.min() < folds:
            raise InputError(
                f"{fewest.min()} images of class {fewest.idxmin()!r} cannot fill {folds} folds; lower split.folds"
            )
        splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    fold = pd.Series(0, index=train.index, dtype="Int64")
    for number, (_, held_out) in enumerate(splitter.split(train["id"], train["label"], groups)):
        fold.iloc[held_out] = number
    parts = pd.DataFrame({"id": train["id"], "part": fold.map(lambda n: "train" if n else "validation"), "fold": fold})
    rest = pd.DataFrame({"id": test["id"], "part": "test", "fold": pd.Series(pd.NA, index=test.index, dtype="Int64")})
    return pd.concat([parts, rest], ignore_index=True)
