"""Training curves: the histories of a recipe's members in one table and one picture, and what they say."""

import math
import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from headstart.metrics import interval

COLOURS = {"train": "tab:blue", "validation": "tab:orange"}


def table(histories):
    """Return the histories (paths of history.csv, member 1 first) as one data frame with a column member."""
    frames = [pd.read_csv(path) for path in histories]
    return pd.concat([frame.assign(member=number) for number, frame in enumerate(frames, 1)], ignore_index=True)[
        ["member", *frames[0].columns]
    ]


def divergence(frame):
    """Return in words which members diverged, by a last loss that is no finite number, or "" where none did."""
    last = frame.groupby("member").tail(1)
    lost = last[~np.isfinite(last["loss"])]
    if lost.empty:
        return ""
    first = lost.iloc[0]
    told = f"the loss of member {first['member']:.0f} became NaN in epoch {first['epoch']:.0f}"
    if first["epoch"] == 0:
        told = f"what member {first['member']:.0f} starts from had diverged"
    return f"Diverged: {told} ({len(lost)} of {len(last)} members diverged). A lower learning rate, first of all."


def verdict(frame, images, classes):
    """Return in words whether members over- or underfit after their last epoch.

    By the gap between training and validation accuracy, means over the members: training above the binomial 95 %
    interval of validation on ``images`` images is overfitting, below it underfitting. A loss near that of even guesses
    among ``classes`` classes, ln(classes), is underfitting too.
    """
    if words := divergence(frame):
        return words
    last = frame.groupby("member").tail(1).mean(skipna=False)
    guess = math.log(classes)
    if not last["loss"] < 0.95 * guess:
        return (
            f"Underfitting: the training loss {last['loss']:.3f} is no better than even guesses (ln {classes} = "
            f"{guess:.3f}); nothing was learned. A lower learning rate, first of all."
        )
    if math.isnan(last["validation_accuracy"]):
        return "Over- or underfitting cannot be seen: no image was held out, so there is no gap."
    low, high = interval(round(last["validation_accuracy"] * images), images)
    gap = last["accuracy"] - last["validation_accuracy"]
    measured = (
        f"training accuracy {last['accuracy']:.4f}, validation {last['validation_accuracy']:.4f} "
        f"(95 % {low:.4f} to {high:.4f}), gap {gap:+.4f}"
    )
    if last["accuracy"] > high:
        return f"Overfitting: {measured}. More data, augmentation, dropout, L2 or a smaller network may help."
    if last["accuracy"] < low:
        return (
            f"Underfitting: {measured}. Training is measured as it goes, with dropout and augmentation where they are "
            f"on; less of them, more epochs or a larger network may help."
        )
    return f"Neither over- nor underfitting: {measured}, within the interval."


def draw(frame, title, words, path):
    """Draw loss, accuracy and learning rate over the epochs, a line a member, with ``words`` below ``title``.

    Where each member has one row, as a solved one has, they stand side by side.
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
            axes.set_yscale("log")
        if column != "learning_rate":
            axes.legend()
    save(figure, path)


def save(figure, path):
    """Save a picture as PNG: the same picture, the same bits."""
    figure.savefig(path, format="png", dpi=100, metadata={"Software": None})  # its version would change the bits
