"""Rows of an HDF5 file joined with what the manifest and the split say of them."""

from dataclasses import dataclass

import numpy as np

from headstart import hdf5, manifests, splits


@dataclass(frozen=True)
class Examples:
    """Images or their features: ids, inputs (images × …), and labels (class numbers) or None where not known."""

    ids: list
    inputs: np.ndarray
    labels: np.ndarray | None


def load(rows, manifest, split, parts, classes):
    """Return the `Examples` of one part (train, validation, test), or of a list of them, in the split's order.

    ``rows`` is an HDF5 file that has them all.
    """
    return _examples(rows, _labels(manifest, split, parts), classes)


def blocks(rows, manifest, split, part, classes, size=1024):
    """Yield the `Examples` of one part, ``size`` at a time: a test part may be larger than memory."""
    labels = _labels(manifest, split, part)
    for start in range(0, len(labels), size):
        yield _examples(rows, labels.iloc[start : start + size], classes)


def _labels(manifest, split, parts):
    """The labels of the images of a part or more, by id; empty where not known."""
    parts = [parts] if isinstance(parts, str) else parts
    ids = splits.read(split).query("part in @parts")["id"]
    return manifests.read(manifest).set_index("id").loc[ids, "label"]


def _examples(rows, labels, classes):
    number = {name: i for i, name in enumerate(classes)}
    known = bool(len(labels)) and (labels != "").all()
    inputs = hdf5.read_rows(rows, labels.index)
    return Examples(list(labels.index), inputs, labels.map(number).to_numpy(np.int32) if known else None)
