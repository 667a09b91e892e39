"""Gather the histories of a recipe's members in one table and one picture, and judge over- and underfitting."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.stats import entropy

from headstart.data import manifests
from headstart.evaluation import intervals, metrics
from headstart.report import plots

COLOURS = {"train": "tab:blue", "validation": "tab:orange"}
POINT, SHARE = 0.005, 0.1  # a gap that matters: half a point of accuracy, and a tenth of validation's errors


def table(histories):
    """Return the histories (paths of history.csv, member 1 first) as one data frame with a column member."""
    frames = [pd.read_csv(path) for path in histories]
    return pd.concat([frame.assign(member=number) for number, frame in enumerate(frames, 1)], ignore_index=True)[
        ["member", *frames[0].columns]
    ]


def divergence(frame):
    """Return in words which members diverged, by a last loss that is not finite, or "" where none did."""
    last = frame.groupby("member").tail(1)
    lost = last[~np.isfinite(last["loss"])]
    if lost.empty:
        return ""
    first = lost.iloc[0]
    told = f"the loss or a weight of member {first['member']:.0f} was not finite in epoch {first['epoch']:.0f}"
    if first["epoch"] == 0:
        told = f"member {first['member']:.0f} builds on a training that diverged"
    return f"Diverged: {told} ({len(lost)} of {len(last)} members diverged). Lower the learning rate first."


def held_out(members, images):
    """Return (right, rows) of the images that members validate on.

    For each image, right is the share of the members validating on it that are right. rows has its row in the manifest.
    ``members`` lists ``{part name: predictions.Part}``; ``images`` is the manifest.
    """
    parts = [member["validation"] for member in members if "validation" in member]
    if not parts:
        return np.zeros(0), images[:0]
    right = pd.concat([pd.Series(metrics.scores(part)[0], part.ids, float) for part in parts])
    share = right.groupby(level=0, sort=False).mean()
    return share.to_numpy(), images.set_index("id").loc[share.index]


def trained(member, images):
    """Return the labels of the images in the manifest ``images`` that a member trains on: all not held out."""
    train = manifests.usable(images, "train")
    return train.loc[~train["id"].isin(member["validation"].ids if "validation" in member else ()), "label"]


def verdict(frame, right, rows, labels):
    """Return in words whether members over- or underfit after their last epoch.

    The verdict follows from the gap between training and validation accuracy, means over the members. The gap counts
    where its 95 % interval (see `gap`) is on one side of 0 and it matters. It matters where it is `POINT` or more, and
    `SHARE` or more of validation's errors. The class shares, as the answer to every image, give a loss of their
    entropy. A training loss near that is underfitting too. ``right`` and ``rows`` come from `held_out`, ``labels`` are
    the classes of the images that a member trains on.
    """
    if words := divergence(frame):
        return words
    last = frame.groupby("member").tail(1).mean(skipna=False)
    prior = float(entropy(labels.value_counts()))
    if not last["loss"] < 0.95 * prior:
        return (
            f"Underfitting: the training loss {last['loss']:.3f} is not clearly below {prior:.3f}, the loss of "
            f"predicting the class shares for every image. Nothing was learned. Lower the learning rate first."
        )
    if not len(right):
        return "Over- or underfitting cannot be judged: no image was held out, so there is no validation accuracy."
    validation = right.mean()
    between, low, high = gap(last["accuracy"], len(labels), right, intervals.units(rows))
    measured = f"training accuracy {last['accuracy']:.4f}, validation accuracy {validation:.4f}, gap {between:+.4f}"
    note = metrics.interval_note(rows)
    if low is None:
        return f"Over- or underfitting cannot be judged: {measured} ({note})."
    measured += f" (95 % interval {low:+.4f} to {high:+.4f}{note and '; '}{note})"
    if low <= 0 <= high:
        return f"Neither over- nor underfitting: {measured}. The gap may be chance."
    if abs(between) < max(POINT, SHARE * (1 - validation)):
        return f"Neither over- nor underfitting: {measured}. The gap is too small to matter."
    if between > 0:
        return f"Overfitting: {measured}. More data, augmentation, dropout, L2 or a smaller network may help."
    return (
        f"Underfitting: {measured}. Training accuracy is measured during the epoch, with any dropout and augmentation "
        f"on. Less of these, more epochs or a larger network may help."
    )


def gap(accuracy, trained, right, units):
    """Return (gap, low, high): the training ``accuracy``, on ``trained`` images, less the mean of ``right`` over units.

    The 95 % interval combines the two of training and validation (Newcombe, Statistics in Medicine 17, 1998, method
    10). Training has Wilson's, validation the interval over units. low and high are None where there is one unit only.
    """
    validation, interval = float(right.mean()), intervals.accuracy(right, units)
    between = float(accuracy) - validation
    if interval is None:
        return between, None, None
    low, high = intervals.wilson(round(accuracy * trained), trained)
    below, above = (
        np.hypot(accuracy - low, interval[1] - validation),
        np.hypot(high - accuracy, validation - interval[0]),
    )
    return between, float(between - below), float(between + above)


@plots.literal
def draw(frame, title, words, path):
    """Draw loss, accuracy and learning rate over the epochs, a line a member, with ``words`` below ``title``.

    Members with one row each, as a solver leaves, are drawn side by side.
    """
    figure = Figure(figsize=(12, 4.6), layout="constrained")
    figure.suptitle(title + "\n" + textwrap.fill(words, 140), fontsize=10)
    along = "member" if frame["member"].is_unique else "epoch"
    columns = [column for column in ("loss", "accuracy", "learning_rate") if frame[column].notna().any()]
    panels = dict(zip(columns, figure.subplots(1, len(columns), squeeze=False)[0], strict=True)) if columns else {}
    for column, axes in panels.items():
        axes.set_title(column.replace("_", " "))
        axes.set_xlabel(along)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        for part, colour in COLOURS.items():
            name = column if part == "train" else f"validation_{column}"
            if name not in frame or frame[name].isna().all():
                continue
            for number, member in frame.groupby("member"):
                label = part if number == 1 and column != "learning_rate" else None
                axes.plot(member[along], member[name], color=colour, marker=".", linewidth=1, label=label)
        if column != "accuracy":
            plots.log_scale(axes)
        if column != "learning_rate":
            axes.legend()
    save(figure, path)


def save(figure, path):
    """Save a picture as PNG; equal pictures are equal to the bit."""
    figure.savefig(path, format="png", dpi=100, metadata={"Software": None})  # its version would change the bits
