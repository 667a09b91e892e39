"""predictions.h5, the one form in which every recipe hands on what it predicts.

A group per part (validation, test), each with ``ids`` (images), ``probabilities`` (images × classes, float32, rows sum
to 1) and, where they are known, ``labels`` (images, class numbers). The attribute ``classes`` names the columns.
"""

from dataclasses import dataclass

import h5py
import numpy as np

from headstart.errors import InputError
from headstart.files import atomic

PARTS = ("validation", "test")


@dataclass(frozen=True)
class Part:
    """Predictions for one part: ids, probabilities (images × classes) and labels (class numbers) or None."""

    ids: list
    probabilities: np.ndarray
    labels: np.ndarray | None


def write(path, parts, classes):
    """Write ``{part name: Part}``; the file appears when it is whole."""
    with atomic(path) as temporary:
        with h5py.File(temporary, "w") as file:
            file.attrs["classes"] = np.array(classes, dtype=object)
            for name, part in parts.items():
                group = file.create_group(name)
                group.create_dataset("ids", data=np.array(part.ids, dtype=object), dtype=h5py.string_dtype())
                group["probabilities"] = part.probabilities.astype(np.float32)
                if part.labels is not None:
                    group["labels"] = part.labels.astype(np.int32)


def read(path):
    """Return ``({part name: Part}, classes)``. Raises `InputError` where the file cannot be read."""
    try:
        with h5py.File(path) as file:
            parts = {
                name: Part(
                    list(file[name]["ids"].asstr()[:]),
                    file[name]["probabilities"][:],
                    file[name]["labels"][:] if "labels" in file[name] else None,
                )
                for name in PARTS
                if name in file
            }
            return parts, list(file.attrs["classes"])
    except (OSError, KeyError) as error:
        raise InputError(f"{path}: not a whole predictions file ({error}); remove it and run again") from error


def average(members):
    """Return ``{part name: Part}`` with the arithmetic mean of the members' probabilities.

    ``members`` is a list of ``{part name: Part}``. The mean is taken in float64 and its rows sum to 1. Raises
    `InputError` where two members predict other images.
    """
    first = members[0]
    for number, other in enumerate(members[1:], 2):
        if other.keys() != first.keys() or any(other[name].ids != first[name].ids for name in first):
            raise InputError(
                f"member {number} predicts other images than member 1; remove their predictions.h5 and run again"
            )
    return {
        name: Part(
            part.ids, np.mean([member[name].probabilities for member in members], axis=0, dtype=np.float64), part.labels
        )
        for name, part in first.items()
    }
