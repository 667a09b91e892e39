"""Measure predictions: accuracy, log loss, their intervals, and the classes mistaken for each other."""

import numpy as np
import pandas as pd

from headstart.evaluation import intervals

MOST = 200  # classes up to which a metrics file has the confusion matrix


def scores(part):
    """Return (right, losses) of one labelled `predictions.Part`: a value an image.

    An image is right if its likeliest class is its own. Its loss is -log of the probability of its own class (one below
    2.2e-16 counts as that).
    """
    probabilities = _normalised(part)
    likelihood = probabilities[np.arange(len(part.labels)), part.labels]
    losses = -np.log(np.maximum(likelihood, np.finfo(np.float64).eps))
    return probabilities.argmax(axis=1) == part.labels, np.maximum(losses, 0)


def together(parts):
    """Return (right, losses), data frames of `scores` with a column a part, of the images that all parts predict."""
    found = [[pd.Series(values, part.ids) for values in scores(part)] for part in parts]
    return tuple(pd.concat(columns, axis=1, join="inner") for columns in zip(*found, strict=True))


def _normalised(part):
    probabilities = part.probabilities.astype(np.float64)
    return probabilities / probabilities.sum(axis=1, keepdims=True)


def evaluate(part, classes, images):
    """Return the metrics of one labelled `predictions.Part` as plain numbers.

    ``images`` are the manifest's rows of the part. Returns:
    - images
    - groups: 0 where no image has one
    - accuracy and log loss (natural logarithm), with their `intervals`: None where there is one group
    - a note on the intervals
    - the three commonest mistakes: numbers of the true and the predicted class, and how often
    - the `confusion` matrix: None where there are more than `MOST` classes
    """
    matrix = confusion(part, classes)
    units = intervals.units(images)
    right, losses = scores(part)
    accuracy, loss = intervals.accuracy(right, units), intervals.loss(losses, units)
    return {
        "images": len(right),
        "groups": groups(images),
        "accuracy": float(right.mean()),
        "accuracy_95": list(accuracy) if accuracy else None,
        "log_loss": float(losses.mean()),
        "log_loss_95": list(loss) if loss else None,
        "interval_note": interval_note(images),
        "mistakes": _mistakes(matrix),
        "confusion": matrix.tolist() if len(classes) <= MOST else None,
    }


def confusion(part, classes):
    """Return the confusion matrix of one labelled `predictions.Part`; rows: true class, columns: predicted."""
    from sklearn.metrics import confusion_matrix  # half a second, which few stages need

    return confusion_matrix(part.labels, part.probabilities.argmax(axis=1), labels=np.arange(len(classes)))


def groups(images):
    """Return the number of groups among rows of a manifest, 0 where no image has one.

    Images without a group count as one group where others have one.
    """
    return int(images["group"].nunique()) if (images["group"] != "").any() else 0


def interval_note(images):
    """Return why an interval over rows of a manifest is missing or weak, or "" where it is neither."""
    count = groups(images)
    if len(set(intervals.units(images))) < 2:
        return f"no interval: all images are of one {'group' if count else 'picture'}"
    return f"interval over only {count} groups" if 0 < count < intervals.FEW else ""


def majority(part, classes, labels):
    """Return the accuracy, on one labelled `predictions.Part`, of always predicting the commonest class of ``labels``.

    ``labels`` are the class names of the training images, a data series. Of equally common classes, the first counts.
    """
    counts = labels.value_counts().reindex(classes, fill_value=0)
    return float((part.labels == counts.to_numpy().argmax()).mean())


def _mistakes(matrix):
    off = matrix * (1 - np.eye(len(matrix), dtype=matrix.dtype))
    rows, columns = np.nonzero(off)
    worst = np.argsort(-off[rows, columns], kind="stable")[:3]
    return [[int(rows[place]), int(columns[place]), int(off[rows[place], columns[place]])] for place in worst]
