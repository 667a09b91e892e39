"""Sweeps: one recipe with every combination of some of its settings, a recipe each."""

import copy
from itertools import product

from headstart.errors import InputError


def points(vary):
    """Return the combinations of a sweep, a list of ``{name: value}`` with the last part of each key as its name.

    ``vary`` is ``{key: values}`` with keys like network.dropout; the first key varies slowest.
    """
    names = _names(vary)
    return [dict(zip(names, values, strict=True)) for values in product(*vary.values())]


def _names(vary):
    return [key.rsplit(".", 1)[-1] for key in vary]


def name(recipe, point):
    """Return the name of the recipe at a point: head-dropout~0.5_epochs~4, as Snakemake's Paramspace writes points."""
    return f"{recipe}-" + "_".join(f"{key}~{value}" for key, value in point.items())


def variants(sweep, recipes):
    """Return ``{name: recipe}`` for every point of a sweep (recipe, vary), each a copy with its own settings.

    A variant has the schedule fast alone. Raises `InputError` where the recipe or a key of it is not there, or two keys
    end alike.
    """
    if sweep["recipe"] not in recipes:
        raise InputError(f"recipe: got {sweep['recipe']!r}, expected one of {', '.join(recipes)}")
    names = _names(sweep["vary"])
    if len(set(names)) < len(names):
        raise InputError(f"vary: got {', '.join(sweep['vary'])}, expected settings whose last words differ")
    found = {}
    for point in points(sweep["vary"]):
        entry = copy.deepcopy(recipes[sweep["recipe"]])
        if entry.get("schedules"):
            entry["schedules"] = {"fast": entry["schedules"]["fast"]}
        for key, value in zip(sweep["vary"], point.values(), strict=True):
            *places, last = key.split(".")
            inner = entry
            for place in places:
                inner = inner.get(place) if isinstance(inner, dict) else None
            if not isinstance(inner, dict) or last not in inner:
                raise InputError(
                    f"vary: got {key!r}, expected a key that recipe {sweep['recipe']} has, as network.dropout"
                )
            inner[last] = value
        found[name(sweep["recipe"], point)] = entry
    return found
