"""Draw the figures of a dataset: learning curves, confusion, calibration, the split."""

import math

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from sklearn.calibration import calibration_curve

from headstart.report.svg import COLOURS, INK, drawn

PARTS = dict(zip(("train", "validation", "test"), COLOURS, strict=True))
BINS = 10
MOST = 40  # most classes of a drawn confusion matrix, and most rows of a drawn split


def _grid(figure, names, columns, **shared):
    """Return axes for each name, titled with it, as small multiples; axes that are left over stay empty."""
    rows = math.ceil(len(names) / columns)
    axes = figure.subplots(rows, columns, squeeze=False, **shared)
    for place in axes.flat[len(names) :]:
        place.set_axis_off()
    for name, place in zip(names, axes.flat, strict=False):
        place.set_title(name, fontsize=9)
    return dict(zip(names, axes.flat, strict=False))


def learning_curves(curves):
    """Draw ``{recipe: data frame of its members' histories}`` (see `curves.table`), accuracy over epochs, on one scale.

    Each member is a line. A solved member has no epochs, and a level line.
    """
    if not curves:
        return drawn(4, 0.6, lambda figure: figure.text(0.02, 0.5, "Nothing was trained."))
    columns = min(4, len(curves))
    rows = math.ceil(len(curves) / columns)
    lowest = min(frame[["accuracy", "validation_accuracy"]].min(axis=None) for frame in curves.values())

    def draw(figure):
        for recipe, axes in _grid(figure, list(curves), columns, sharex=True, sharey=True).items():
            axes.set_ylim(max(0, lowest - 0.02), 1.005)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
            axes.grid(alpha=0.25, color=INK)
            axes.tick_params(labelbottom=True)
            for part, name in (("train", "accuracy"), ("validation", "validation_accuracy")):
                for _, member in curves[recipe].groupby("member"):
                    style = {"color": PARTS[part], "linewidth": 1.2, "alpha": 0.8}
                    if member["learning_rate"].isna().all():
                        axes.axhline(member[name].iloc[-1], linestyle="--", **style)
                    else:
                        axes.plot(member["epoch"], member[name], marker="." if len(member) < 3 else None, **style)
        _legend(figure, ("train", "validation"))
        figure.supxlabel("epoch", fontsize=9)
        figure.supylabel("accuracy", fontsize=9)

    return drawn(2.6 * columns + 0.4, 2 * rows + 0.7, draw)


def _legend(figure, parts):
    handles = [figure.axes[0].plot([], [], color=PARTS[part], linewidth=3)[0] for part in parts]
    figure.legend(handles, parts, loc="outside upper right", ncols=3)


def worst(matrix, classes, title):
    """Return a confusion matrix, its classes and its title for `confusion`; of many classes, the most often mistaken.

    The title says so. Images taken for other classes than these are not drawn.
    """
    if len(classes) <= MOST:
        return matrix, classes, title
    right = np.diag(matrix)
    wrong = matrix.sum(axis=0) + matrix.sum(axis=1) - 2 * right
    chosen = np.sort(np.argsort(-wrong, kind="stable")[:MOST])
    title = f"{title}: the {MOST} of {len(classes):,} classes with the most mistakes"
    return matrix[np.ix_(chosen, chosen)], [classes[number] for number in chosen], title


def confusion(matrix, classes, title):
    """Draw a confusion matrix, rows true and columns predicted classes, with its counts, coloured by shares."""
    matrix = np.asarray(matrix)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)

    def draw(figure):
        axes = figure.subplots()
        axes.set_title(title, fontsize=9)
        for row, column in np.ndindex(matrix.shape):
            place = (column - 0.5, row - 0.5)
            axes.add_patch(_cell(place, COLOURS[0] if row == column else COLOURS[1], 0.6 * shares[row, column]))
            if matrix[row, column]:
                axes.text(column, row, f"{matrix[row, column]:,}", ha="center", va="center", fontsize=8)
        axes.set(xlim=(-0.5, len(classes) - 0.5), ylim=(len(classes) - 0.5, -0.5), aspect="equal")
        axes.set_xticks(range(len(classes)), classes, rotation=0 if max(map(len, classes)) < 5 else 60)
        axes.set_yticks(range(len(classes)), classes)
        axes.set(xlabel="predicted class", ylabel="true class")

    size = 1.4 + 0.48 * len(classes)
    return drawn(max(size, 2.8), max(size, 2.8), draw)


def _cell(place, colour, alpha):
    return Rectangle(place, 1, 1, facecolor=colour, alpha=alpha, linewidth=0)


def calibration_error(part):
    """Return the expected calibration error of a labelled part in ten bins of equal width (Guo et al., ICML 2017).

    It is the mean over images of |accuracy − mean confidence| of their bin. Confidence is the likeliest class's
    probability.
    """
    confidence, right = _confidence(part)
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    sums = np.bincount(bins, weights=right - confidence, minlength=BINS)
    return float(np.abs(sums).sum() / len(right))


def _confidence(part):
    # Rounding may bring the mean of members above 1.
    confidence = np.minimum(part.probabilities.max(axis=1).astype(np.float64), 1)
    return confidence, (part.probabilities.argmax(axis=1) == part.labels).astype(float)


def calibration(parts):
    """Draw ``{recipe: labelled part}``: how often the likeliest class is right, over its probability, in ten bins."""
    columns = min(4, len(parts))
    rows = math.ceil(len(parts) / columns)
    errors = {
        name: "diverged" if part.diverged else f"error {calibration_error(part):.3f}" for name, part in parts.items()
    }
    names = {f"{recipe}, {errors[recipe]}": part for recipe, part in parts.items()}

    def draw(figure):
        for name, axes in _grid(figure, list(names), columns, sharex=True, sharey=True).items():
            confidence, right = _confidence(names[name])
            accuracy, mean = calibration_curve(right, confidence, n_bins=BINS)
            axes.plot([0, 1], [0, 1], color=INK, alpha=0.4, linewidth=1)
            axes.plot(mean, accuracy, marker="o", markersize=3.5, linewidth=1.2)
            axes.set(xlim=(0, 1.02), ylim=(0, 1.02))
            axes.grid(alpha=0.25, color=INK)
            axes.tick_params(labelbottom=True)
        figure.supxlabel("probability of the likeliest class", fontsize=9)
        figure.supylabel("accuracy", fontsize=9)

    return drawn(2.6 * columns + 0.4, 2.1 * rows + 0.6, draw)


def split_counts(images):
    """Return a data frame of images (index: group, or class where there are no groups; columns: parts).

    ``images`` is a split joined with its manifest: part, group, label. An unlabelled test part without groups has one
    row.
    """
    by = "group" if (images["group"] != "").any() else "label"
    name = images[by].where(images[by] != "", f"no {by}")
    counts = pd.crosstab(name, images["part"])
    return counts[[part for part in PARTS if part in counts]].rename_axis(index=by, columns=None)


def split(counts):
    """Draw the bars of `split_counts`: one a group or class, its parts stacked; of many the largest."""
    drawn_of = len(counts)
    if drawn_of > MOST:
        counts = counts.iloc[np.sort(np.argsort(-counts.sum(axis=1).to_numpy(), kind="stable")[:MOST])]

    def draw(figure):
        axes = figure.subplots()
        left = np.zeros(len(counts))
        for part in counts:
            axes.barh(counts.index, counts[part], left=left, color=PARTS[part], height=0.75)
            left += counts[part].to_numpy()
        axes.invert_yaxis()
        axes.set(xlabel="images", ylabel="class" if counts.index.name == "label" else counts.index.name)
        if drawn_of > MOST:
            axes.set_title(f"the {MOST} largest of {drawn_of:,}", fontsize=9)
        axes.grid(axis="x", alpha=0.25, color=INK)
        _legend(figure, list(counts))

    return drawn(7, 0.9 + 0.22 * len(counts), draw)
