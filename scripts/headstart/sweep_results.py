"""What the points of a sweep gave, as a table and a picture. Apart from `sweeps`, which every config check imports."""

import math

import pandas as pd
from matplotlib.figure import Figure

from headstart.curves import save


def table(points, metrics):
    """Return a data frame with a row a point: its settings, and images, accuracy with its interval, and log loss.

    ``metrics`` lists what `metrics.evaluate` gave for the points, in their order. A point that diverged has NaN.
    """
    rows = []
    for point, found in zip(points, metrics, strict=True):
        low, high = found["accuracy_95"]
        figures = {"images": found["images"], "accuracy": found["accuracy"], "low": low, "high": high}
        figures["log_loss"] = found["log_loss"]
        if found.get("diverged"):
            figures |= dict.fromkeys(("accuracy", "low", "high", "log_loss"), math.nan)
        rows.append({**point, **figures})
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
    save(figure, path)
