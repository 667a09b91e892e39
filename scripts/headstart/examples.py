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


def held_out(rows, manifest, split, classes):
    """Return ``{part: Examples}`` for validation and, where one is published, test.

    ``rows`` is ``{published part: HDF5 file}``; validation is drawn from the published train part.
    """
    files = {"validation": rows["train"]} | ({"test": rows["test"]} if "test" in rows else {})
    return {part: load(file, manifest, split, part, classes) for part, file in files.items()}
