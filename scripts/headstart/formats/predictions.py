"""Read and write predictions.h5, the one format in which every recipe hands on its predictions.

It has a group per part (validation, test) with ``ids`` (images), ``probabilities`` and, if known, ``labels``.
Probabilities are images × classes, float32; rows sum to 1. Labels are class numbers (images). A group's attribute
``diverged``, if present, names the training that diverged. The dataset ``classes`` names the columns. It is no
attribute, since an attribute holds at most 64 KB, which four thousand names may exceed. The attribute ``sha256`` is the
digest over all of that.
"""

import hashlib
from dataclasses import dataclass

import h5py
import numpy as np

from headstart.core.files import atomic, reading
from headstart.formats import hdf5

PARTS = ("validation", "test")


@dataclass(frozen=True)
class Part:
    """Predictions for one part: ``ids``, ``probabilities`` and ``labels``.

    Probabilities are images × classes; labels are class numbers, or None if unknown. ``diverged`` says in words which
    training diverged, so that the predictions are no result. It is None if no training did.
    """

    ids: list
    probabilities: np.ndarray
    labels: np.ndarray | None
    diverged: str | None = None


def write(path, parts, classes):
    """Write ``{part name: Part}``; the file appears when it is whole."""
    with atomic(path) as temporary:
        with hdf5.writing(temporary) as file:
            hdf5.write_texts(file, "classes", classes)
            for name, part in parts.items():
                group = file.create_group(name)
                hdf5.write_texts(group, "ids", part.ids)
                group["probabilities"] = part.probabilities.astype(np.float32)
                if part.labels is not None:
                    group["labels"] = part.labels.astype(np.int32)
                if part.diverged:
                    group.attrs["diverged"] = part.diverged
            file.attrs["sha256"] = _digest(*_content(file))


def read(path):
    """Return ``({part name: Part}, classes)``.

    Raises `InputError` if the file cannot be read or holds other values than were written.
    """
    with reading(path, "predictions file"), h5py.File(path) as file:
        parts, classes = _content(file)
        if _digest(parts, classes) != file.attrs["sha256"]:
            raise ValueError("checksum mismatch")
        return parts, classes


def _content(file):
    parts = {
        name: Part(
            list(file[name]["ids"].asstr()[:]),
            file[name]["probabilities"][:],
            file[name]["labels"][:] if "labels" in file[name] else None,
            file[name].attrs.get("diverged"),
        )
        for name in PARTS
        if name in file
    }
    return parts, list(file["classes"].asstr()[:])


def _digest(parts, classes):
    total = hashlib.sha256(repr(list(map(str, classes))).encode())
    for name, part in parts.items():
        total.update(repr((name, part.ids, part.diverged)).encode())
        total.update(part.probabilities)
        if part.labels is not None:
            total.update(part.labels)
    return total.hexdigest()


def reported(parts):
    """Return the `Part` whose metrics count: test if its labels are known, else validation."""
    test = parts.get("test")
    return test if test is not None and test.labels is not None else parts["validation"]
