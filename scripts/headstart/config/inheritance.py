"""Fill a recipe's settings in from the recipe that it is based on."""

import copy

from headstart.core.errors import InputError
from headstart.core.naming import one_of


def inherit(recipes):
    """Replace, in place, each entry with ``based_on`` by that recipe's settings, changed by its own.

    ``recipes`` are entries as a config writes them. Settings below a key merge; lists and values replace. A recipe does
    not inherit ``skip``: if the base does not run, this one still may. Raises `InputError` if the base is missing.
    Raises it, too, if a recipe is based on itself, directly or not.
    """
    for name in recipes:
        _resolve(name, recipes, ())


def _resolve(name, recipes, above):
    entry = recipes[name]
    base = entry.get("based_on") if isinstance(entry, dict) else None
    if base is None:
        return entry
    place = f"config: recipes.{name}.based_on"
    if base not in recipes:
        raise InputError(f"{place}: no such recipe (got {base!r}). {one_of(recipes)}")
    if base in (name, *above):
        circle = " → ".join((*above, name, base))
        raise InputError(f"{place}: a recipe cannot be based on itself (got {base!r}: {circle}). Name another recipe.")
    found = copy.deepcopy(_resolve(base, recipes, (*above, name)))
    if isinstance(found, dict):
        found.pop("skip", None)
        _merge(found, entry)
        recipes[name] = found | {"based_on": None}
    return recipes[name]


def _merge(target, changes):
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            _merge(target[key], value)
        else:
            target[key] = copy.deepcopy(value)
