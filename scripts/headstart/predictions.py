"""predictions.h5, the one form in which every recipe hands on what it predicts.

A group per part (validation, test), each with ``ids`` (images), ``probabilities`` (images × classes, float32, rows sum
to 1) and, where they are known, ``labels`` (images, class numbers). A group's attribute ``diverged``, where it has one,
says which training diverged. The dataset ``classes`` names the columns; an attribute holds 64 KB at most, which four
thousand names may be. The attribute ``sha256`` is the digest over all of that.
"""

import hashlib
from dataclasses import dataclass

import h5py
import numpy as np

from headstart import hdf5
from headstart.errors import InputError
from headstart.files import atomic, reading

PARTS = ("validation", "test")


@dataclass(frozen=True)
class Part:
    """Predictions for one part: ids, probabilities (images × classes) and labels (class numbers) or None.

    ``diverged`` says in words which training behind them diverged, so that they are no result; None, none did.
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

    Raises `InputError` where the file cannot be read or holds other values than were written.
    """
    with reading(path, "predictions file"), h5py.File(path) as file:
        parts, classes = _content(file)
        if _digest(parts, classes) != file.attrs["sha256"]:
            raise ValueError("its values are not those that were written")
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
    """Return the `Part` whose figures count: test where its labels are known, else validation."""
    test = parts.get("test")
    return test if test is not None and test.labels is not None else parts["validation"]


def average(members, mean="arithmetic"):
    """Return ``{part name: Part}`` with the mean of the members' probabilities, in float64; rows sum to 1.

    ``members`` is a list of ``{part name: Part}``; ``mean`` is arithmetic or geometric. Every member predicts all test
    images. Validation images may be dealt out among members by folds: then each image has the mean of those members
    that validated on it. Raises `InputError` where members predict other images than that.
    """
    names = [name for name in PARTS if any(name in member for member in members)]
    return {name: _average(name, [member.get(name) for member in members], mean) for name in names}


def _average(name, parts, mean):
    alike = {}  # members that predict the same images in the same order
    for number, part in enumerate(parts, 1):
        ids = tuple(part.ids) if part else ()
        new = ids not in alike
        if not part or new and alike and (name != "validation" or any(set(ids) & set(other) for other in alike)):
            raise InputError(
                f"member {number} predicts other {name} images than member 1; remove their predictions.h5 and run again"
            )
        alike.setdefault(ids, []).append(part)
    groups = list(alike.values())
    labels = [group[0].labels for group in groups]
    return Part(
        [name for ids in alike for name in ids],
        np.concatenate([_mean([part.probabilities for part in group], mean) for group in groups]),
        np.concatenate(labels) if all(some is not None for some in labels) else None,
        _diverged([part.diverged for part in parts]),
    )


def _diverged(members):
    """Return in words which of the members diverged: one is enough to spoil a mean."""
    found = [(number, words) for number, words in enumerate(members, 1) if words]
    if not found or len(members) == 1:
        return found[0][1] if found else None
    return f"{len(found)} of {len(members)} members; member {found[0][0]}: {found[0][1]}"


def _mean(probabilities, mean):
    if mean == "arithmetic":
        return np.mean(probabilities, axis=0, dtype=np.float64)
    logarithms = np.log(np.maximum(np.asarray(probabilities, np.float64), np.finfo(np.float32).tiny))
    found = np.exp(logarithms.mean(axis=0))
    return found / found.sum(axis=1, keepdims=True)
