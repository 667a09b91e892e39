"""Sweeps: one recipe with every combination of some of its settings, a recipe each."""

import copy
from itertools import product

import pandas as pd
from matplotlib.figure import Figure

from headstart.errors import InputError


def points(vary):
    """Return the combinations of a sweep, a list of ``{name: value}`` with the last part of each key as its name.

    ``vary`` is ``{key: values}`` with keys like network.dropout; the first key varies slowest.
    """
    names = [key.rsplit(".", 1)[-1] for key in vary]
    return [dict(zip(names, values, strict=True)) for values in product(*vary.values())]


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
    names = [key.rsplit(".", 1)[-1] for key in sweep["vary"]]
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


def table(points, metrics):
    """Return a data frame with a row a point: its settings, and images, accuracy with its interval, and log loss.

    ``metrics`` lists what `metrics.evaluate` gave for the points, in their order.
    """
    rows = []
    for point, found in zip(points, metrics, strict=True):
        low, high = found["accuracy_95"]
        figures = {"images": found["images"], "accuracy": found["accuracy"], "low": low, "high": high}
        rows.append({**point, **figures, "log_loss": found["log_loss"]})
    return pd.DataFrame(rows)


def draw(frame, settings, title, path):
    """Draw accuracy with its 95 % interval, and log loss, over the first of ``settings``; a line for each other point.

    ``frame`` is a `table`.
    """
    figure = Figure(figsize=(9, 4), layout="constrained")
    figure.suptitle(title, fontsize=10)
    first, *others = settings
    left, right = figure.subplots(1, 2)
    groups = frame.groupby(others, sort=False) if others else [((), frame)]
    for values, rows in groups:
        label = ", ".join(f"{key} {value}" for key, value in zip(others, values, strict=True)) or None
        places = rows[first].astype(str)
        errors = [rows["accuracy"] - rows["low"], rows["high"] - rows["accuracy"]]
        left.errorbar(places, rows["accuracy"], errors, marker=".", capsize=3, linewidth=1, label=label)
        right.plot(places, rows["log_loss"], marker=".", linewidth=1, label=label)
    for axes, what in ((left, "accuracy, 95 % interval"), (right, "log loss")):
        axes.set_title(what)
        axes.set_xlabel(first)
        axes.grid(alpha=0.3)
        if others:
            axes.legend()
    figure.savefig(path, format="png", dpi=100, metadata={"Software": None})  # its version would change the bits
