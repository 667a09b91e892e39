"""Rank recipes that report on the same images; compare other recipes on the images that they share."""

import pandas as pd

from headstart.evaluation import intervals
from headstart.evaluation.metrics import scores


def right(part):
    """Return a series by id: whether each image of a labelled `predictions.Part` was classified correctly."""
    return pd.Series(scores(part)[0], index=part.ids)


def paired(one, other, images):
    """Return how ``one`` differs from ``other`` in accuracy on the images that they share, or None if they share none.

    Both come from `right`; ``images`` are the rows of a manifest, by id. Keys: images (how many), accuracy,
    other_accuracy, difference and difference_95. The last is None where there is one unit only.
    """
    shared = one.index.intersection(other.index)
    if shared.empty:
        return None
    first, second = one[shared].to_numpy(), other[shared].to_numpy()
    mean, low, high = intervals.accuracy_difference(first, second, intervals.units(images.loc[shared]))
    return {
        "images": len(shared),
        "accuracy": float(first.mean()),
        "other_accuracy": float(second.mean()),
        "difference": mean,
        "difference_95": None if low is None else [low, high],
    }


def sets(rows, rights, images, random=()):
    """Return the sets of images that recipes report on, a dict each, the largest first.

    ``rows`` are `leaderboard.rows`, ``rights`` is ``{recipe: right}``, ``images`` are the rows of a manifest, by id.
    ``random`` names the recipes that split at random. Where images have groups, these recipes are a set of their own,
    after the set of the same images. Keys:
    - part, images, groups, random, note, majority
    - best: a recipe
    - rows: ranked, each with its `paired` difference to the best
    - against: the best of the first set
    - paired: each row's difference to that
    """
    alike = {}
    for row in rows:
        name = row["recipe"]
        alike.setdefault((frozenset(rights[name].index), bool(row["groups"]) and name in random), []).append(row)
    ordered = sorted(alike.items(), key=lambda one: (-len(one[0][0]), one[0][1]))
    found = [_set(ranked, at_random, rights, images) for (_, at_random), ranked in ordered]
    for other in found[1:]:
        other["against"] = found[0]["best"]
        other["paired"] = _against(found[0]["best"], other["rows"], rights, images)
    return found


def _set(rows, random, rights, images):
    first = rows[0]
    best = next((row["recipe"] for row in rows if not row["diverged"]), None)
    differences = {row["recipe"]: row for row in _against(best, rows, rights, images)}
    return {
        **{key: first[key] for key in ("part", "images", "groups", "majority")},
        "note": first["interval_note"],
        "random": random,
        "best": best,
        "rows": [{**row, "to_best": differences.get(row["recipe"])} for row in rows],
        "against": None,
        "paired": [],
    }


def _against(best, rows, rights, images):
    """Return how each other row differs from ``best``: its recipe and the keys of `paired`.

    A row is left out where it diverged or shares no images with ``best``.
    """
    found = []
    for row in rows:
        name = row["recipe"]
        if best is None or row["diverged"] or name == best:
            continue
        difference = paired(rights[name], rights[best], images)
        if difference:
            found.append({"recipe": name, **difference})
    return found
