"""Find images that show the same picture, keep them together, and count them.

At present, two images are linked if the manifest gives them the same digest. A search for near copies would add its
pairs in `links`.
"""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from headstart.core.errors import InputError
from headstart.data import manifests

EXCLUDED = "excluded"  # the status of an image that the config excludes


def links(images):
    """Return pairs of positions in ``images``, rows of a manifest, that show the same picture: pairs × 2."""
    return _chained(images["digest"])


def units(images, grouped):
    """Return the number of each image's unit, from 0 in the order of the images; no split divides a unit.

    ``images`` are rows of a manifest. A unit is a connected component over `links` and, where ``grouped``, over groups.
    """
    pairs = np.concatenate([links(images), *([_chained(images["group"])] if grouped else [])])
    graph = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(images), len(images)))
    return pd.factorize(connected_components(graph, directed=False)[1])[0]


def _chained(names):
    """Return the pairs of positions that link each name to its first."""
    number = pd.factorize(names)[0]
    first = np.unique(number, return_index=True)[1]
    return np.column_stack([np.arange(len(number)), first[number]])


def exclude(manifest, ids, listed, dataset):
    """Return the manifest with the status "excluded" for the images in ``ids``.

    ``listed`` are the ids of all images that were found, including those that a limit leaves out. Raises `InputError`
    where one of ``ids`` is not in ``listed``.
    """
    absent = sorted(set(ids) - set(listed))
    if absent:
        raise InputError(
            f"datasets.{dataset}.exclude: no image has the id {absent[0]!r} (got {len(absent)} such ids). "
            f"Take ids from the manifest's column id."
        )
    return manifest.assign(status=manifest["status"].mask(manifest["id"].isin(ids), EXCLUDED))


def validate(manifest, dataset):
    """Raise `InputError` where images of one part have equal content but different labels."""
    labelled = manifest[(manifest["status"] == "ok") & (manifest["label"] != "") & (manifest["part"] != "")]
    labels = labelled.groupby(["part", "digest"])["label"].transform("nunique")
    torn = labelled[labels > 1]
    if len(torn):
        one = torn[(torn[["part", "digest"]] == torn[["part", "digest"]].iloc[0]).all(axis=1)].drop_duplicates("label")
        (path, label, image), (other, different, _) = one[["path", "label", "id"]].iloc[:2].to_numpy()
        raise InputError(
            f"{dataset}: {path!r} and {other!r} are the same picture with different labels "
            f"(got {label!r} and {different!r}; {torn['digest'].nunique():,} such pictures). Fix the labels, remove "
            f"one, or list such ids in datasets.{dataset}.exclude, for example {image!r}."
        )


def notes(manifest):
    """Return notes on a manifest's images, a list of phrases: left out, excluded, copies."""
    train, test = (manifests.usable(manifest, part) for part in ("train", "test"))
    excluded, listed = (manifest["status"] == EXCLUDED).sum(), (manifest["part"] != "").sum()
    copied, shared = train["digest"].duplicated().sum(), test["digest"].isin(train["digest"]).sum()
    return [
        *filter(None, [manifests.left_out(manifest)]),
        *([f"{excluded:,} of {listed:,} images excluded by the config"] if excluded else []),
        *(
            [f"{copied:,} of {len(train):,} train images are copies of others, kept together in every split"]
            if copied
            else []
        ),
        *([f"{shared:,} of {len(test):,} test images are also among the train images"] if shared else []),
    ]
