"""Tabulate and draw the results of a sweep's points, apart from `sweeps`, which every config check imports."""

import math

import pandas as pd
from matplotlib.figure import Figure

from headstart.evaluation import intervals
from headstart.evaluation.metrics import together
from headstart.report import plots
from headstart.report.curves import save

MEASURES = {"accuracy": "", "log_loss": "log_loss_"}  # and the prefixes of their bounds: low, log_loss_low
BOUNDS = [f"{prefix}{end}" for prefix in MEASURES.values() for end in ("low", "high")]
UNKNOWN = "unknown"


def table(points, metrics, behind):
    """Return a data frame with a row for each point: its settings, images, accuracy and log loss with their intervals.

    ``metrics`` lists the points' results of `metrics.evaluate`, in their order, ``behind`` those of `worse`. A point
    that diverged has no figures.
    """
    rows = []
    for point, found, worse_in in zip(points, metrics, behind, strict=True):
        row = {**point, "images": found["images"]}
        for measure, prefix in MEASURES.items():
            low, high = found[f"{measure}_95"] or (None, None)
            row |= {measure: found[measure], f"{prefix}low": low, f"{prefix}high": high}
        if found["diverged"]:
            row |= dict.fromkeys([*MEASURES, *BOUNDS], math.nan)
        rows.append({**row, "worse_in": worse_in, "note": found["interval_note"]})
    return pd.DataFrame(rows).astype(dict.fromkeys(BOUNDS, float))


def worse(parts, images):
    """Return the figures in which each point is worse than the best one: "accuracy", "log_loss", both, or nothing.

    Points are compared on the images that all points predict, by the 95 % interval of the paired
    `intervals.difference`. The result is `UNKNOWN` where there is no interval, and for a point that diverged. ``parts``
    lists labelled `predictions.Part`; ``images`` is the manifest.
    """
    right, losses = together(parts)
    units = intervals.units(images.set_index("id").loc[right.index])
    sound = [point for point, part in enumerate(parts) if not part.diverged]
    if len(set(units)) < 2 or not sound:
        return [UNKNOWN] * len(parts)
    first, surest = right[right[sound].mean().idxmax()], losses[losses[sound].mean().idxmin()]
    found = []
    for point in range(len(parts)):
        if point not in sound:
            found.append(UNKNOWN)
            continue
        below = intervals.accuracy_difference(first, right[point], units)[1] > 0
        above = intervals.difference(losses[point], surest, units)[1] > 0
        found.append(", ".join(name for name, so in zip(MEASURES, (below, above), strict=True) if so))
    return found


@plots.literal
def draw(frame, settings, title, path):
    """Draw accuracy and log loss with 95 % intervals over the first of ``settings``; a line for each other point.

    ``frame`` is a `table`. Points that are worse than the best one are hollow.
    """
    figure = Figure(figsize=(9, 4), layout="constrained")
    notes = [note for note in frame["note"].unique() if note]
    said = "hollow points: worse than the best point on the same images, by a paired 95 % interval"
    figure.suptitle("\n".join([title, "; ".join([said, *notes])]), fontsize=10)
    first, *others = settings
    groups = frame.groupby(others, sort=False) if others else [((), frame)]
    for (measure, prefix), axes in zip(MEASURES.items(), figure.subplots(1, 2), strict=True):
        for values, rows in groups:
            label = ", ".join(f"{key} {value}" for key, value in zip(others, values, strict=True)) or None
            places, solid = rows[first].astype(str), ~rows["worse_in"].str.contains(measure)
            errors = [rows[measure] - rows[f"{prefix}low"], rows[f"{prefix}high"] - rows[measure]]
            style = {"marker": "o", "markersize": 5, "linewidth": 1}
            line = axes.errorbar(places, rows[measure], errors, capsize=3, fillstyle="none", label=label, **style)[0]
            axes.plot(places[solid], rows[measure][solid], "o", color=line.get_color(), markersize=5)
        axes.set_title(f"{measure.replace('_', ' ')} with 95 % interval")
        axes.set_xlabel(first)
        axes.grid(alpha=0.3)
        if others:
            axes.legend()
    save(figure, path)
