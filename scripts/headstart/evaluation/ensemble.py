"""Average the predictions of members."""

import numpy as np

from headstart.core.errors import InputError
from headstart.formats.predictions import PARTS, Part


def average(members, mean="arithmetic"):
    """Return ``{part name: Part}`` with the mean of the members' probabilities, in float64; rows sum to 1.

    ``members`` is a list of ``{part name: Part}``; ``mean`` is arithmetic or geometric. Every member predicts all test
    images. Folds may deal the validation images out among members. Then each image has the mean of the members that
    validated on it. Raises `InputError` where members predict other images than that.
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
                f"member {number}: its {name} images do not match those of the other members. "
                f"Remove the predictions.h5 of all members and run again."
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
    """Return in words which members diverged, or None where none did: one is enough to spoil a mean."""
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
