"""What a recipe's predictions are worth."""

import numpy as np
from scipy.stats import binomtest, bootstrap
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss

MOST = 200  # classes of which a file of metrics has the confusion matrix


def interval(right, images):
    """Return (low, high) of Wilson's binomial 95 % interval (JASA 22, 1927) for ``right`` out of ``images``."""
    found = binomtest(int(right), int(images)).proportion_ci(0.95, "wilson")
    return float(found.low), float(found.high)


def resampled(part, units):
    """Return bootstrapped 95 % intervals of one labelled `predictions.Part`: ``{accuracy_bootstrap_95, log_loss_95}``.

    ``units`` names, for each image, what is drawn as a whole, with replacement: its group, or itself. The percentile
    bootstrap over clusters (Davison & Hinkley, Bootstrap Methods, 1997, 3.8), 2,000 draws from a fixed seed. Both None
    where there is one unit only.
    """
    _, number = np.unique(np.asarray(units), return_inverse=True)
    if number.max() == 0:
        return {"accuracy_bootstrap_95": None, "log_loss_95": None}
    probabilities = _normalised(part)
    likelihood = probabilities[np.arange(len(part.labels)), part.labels]
    images = np.bincount(number)
    found = {}
    for name, values in (
        ("accuracy_bootstrap_95", probabilities.argmax(axis=1) == part.labels),
        ("log_loss_95", -np.log(np.maximum(likelihood, np.finfo(np.float64).eps))),
    ):
        sums = np.bincount(number, weights=values)
        low, high = bootstrap(
            (sums, images),
            lambda sums, images, axis: sums.sum(axis) / images.sum(axis),
            paired=True,
            vectorized=True,
            n_resamples=2000,
            batch=100,
            method="percentile",
            rng=np.random.default_rng(0),
        ).confidence_interval
        found[name] = [float(low), float(high)]
    return found


def _normalised(part):
    probabilities = part.probabilities.astype(np.float64)
    return probabilities / probabilities.sum(axis=1, keepdims=True)


def evaluate(part, classes):
    """Return the metrics of one labelled `predictions.Part` as plain numbers.

    images, accuracy with its `interval`, log loss (natural logarithm; scikit-learn takes a probability below 2.2e-16
    for that), the three commonest mistakes (numbers of the true and the predicted class, and how often), and the
    confusion matrix (rows: true class, columns: predicted class), None where there are more than `MOST` classes.
    """
    probabilities = _normalised(part)
    predicted = probabilities.argmax(axis=1)
    numbers = np.arange(len(classes))
    right = int(accuracy_score(part.labels, predicted, normalize=False))
    matrix = confusion(part, classes)
    return {
        "images": len(part.labels),
        "accuracy": right / len(part.labels),
        "accuracy_95": list(interval(right, len(part.labels))),
        "log_loss": float(log_loss(part.labels, probabilities, labels=numbers)),
        "mistakes": _mistakes(matrix),
        "confusion": matrix.tolist() if len(classes) <= MOST else None,
    }


def confusion(part, classes):
    """Return the confusion matrix of one labelled `predictions.Part`."""
    return confusion_matrix(part.labels, part.probabilities.argmax(axis=1), labels=np.arange(len(classes)))


def _mistakes(matrix):
    off = matrix * (1 - np.eye(len(matrix), dtype=matrix.dtype))
    rows, columns = np.nonzero(off)
    worst = np.argsort(-off[rows, columns], kind="stable")[:3]
    return [[int(rows[place]), int(columns[place]), int(off[rows[place], columns[place]])] for place in worst]
