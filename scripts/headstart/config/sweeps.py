"""Expand a sweep into recipes: one for every combination of some settings of a recipe."""

import copy
from itertools import product

from headstart.core.errors import InputError
from headstart.core.naming import one_of


def points(grid):
    """Return the points of a sweep, a list of ``{name: value}``; each name is the last part of a key.

    ``grid`` is ``{key: values}`` with keys like network.dropout. The first key varies slowest.
    """
    names = _names(grid)
    return [dict(zip(names, values, strict=True)) for values in product(*grid.values())]


def _names(grid):
    return [key.rsplit(".", 1)[-1] for key in grid]


def name(recipe, point):
    """Return the name of the recipe at a point: head-dropout~0.5_epochs~4, as Snakemake's Paramspace writes points."""
    return f"{recipe}-" + "_".join(f"{key}~{value}" for key, value in point.items())


def variants(sweep, recipes):
    """Return ``{name: recipe}`` for every point of a sweep (recipe, grid), each a copy with its own settings.

    A variant has no lecture schedule. Raises `InputError` if the recipe or one of its keys is missing, or if two keys
    end alike.
    """
    if sweep["recipe"] not in recipes:
        raise InputError(f"recipe: no such recipe (got {sweep['recipe']!r}). {one_of(recipes)}")
    names = _names(sweep["grid"])
    if len(set(names)) < len(names):
        keys = ", ".join(sweep["grid"])
        raise InputError(
            f"grid: two settings have the same last word (got {keys}). Use settings whose last words differ."
        )
    found = {}
    for point in points(sweep["grid"]):
        entry = copy.deepcopy(recipes[sweep["recipe"]])
        entry["lecture_schedule"] = None
        for key, value in zip(sweep["grid"], point.values(), strict=True):
            *places, last = key.split(".")
            inner = entry
            for place in places:
                inner = inner.get(place) if isinstance(inner, dict) else None
            if not isinstance(inner, dict) or last not in inner:
                raise InputError(
                    f"grid: recipe {sweep['recipe']} has no such setting (got {key!r}). Name one that it has, such as "
                    f"network.dropout."
                )
            inner[last] = value
        found[name(sweep["recipe"], point)] = entry
    return found
