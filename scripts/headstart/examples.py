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


def load(rows, manifest, split, part, classes):
    """Return the `Examples` of one part (train, validation, test) from an HDF5 file of rows, in the split's order."""
    ids = splits.read(split).query("part == @part")["id"]
    labels = manifests.read(manifest).set_index("id").loc[ids, "label"]
    number = {name: i for i, name in enumerate(classes)}
    known = bool(len(labels)) and (labels != "").all()
    return Examples(list(ids), hdf5.read_rows(rows, ids), labels.map(number).to_numpy(np.int32) if known else None)


def parts(rows, manifest, split, classes):
    """Return ``(train, held_out)``: the train `Examples`, and ``{part: Examples}`` for validation and test.

    There is no test where none is published.     ``rows`` is ``{published part: HDF5 file}``; validation is drawn from
    the published train part.
    """
    held_out = {"validation": load(rows["train"], manifest, split, "validation", classes)}
    if "test" in rows:
        held_out["test"] = load(rows["test"], manifest, split, "test", classes)
    return load(rows["train"], manifest, split, "train", classes), held_out
