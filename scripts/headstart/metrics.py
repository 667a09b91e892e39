"""What a recipe's predictions are worth."""

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss


def interval(right, images):
    """Return (low, high) of Wilson's binomial 95 % interval (JASA 22, 1927) for ``right`` out of ``images``."""
    found = binomtest(int(right), int(images)).proportion_ci(0.95, "wilson")
    return float(found.low), float(found.high)


def evaluate(part, classes):
    """Return the metrics of one labelled `predictions.Part` as plain numbers.

    images, accuracy with its `interval`, log loss (natural logarithm; scikit-learn takes a probability below 2.2e-16
    for that), and the confusion matrix (rows: true class, columns: predicted class).
    """
    probabilities = part.probabilities.astype(np.float64)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    predicted = probabilities.argmax(axis=1)
    numbers = np.arange(len(classes))
    right = int(accuracy_score(part.labels, predicted, normalize=False))
    return {
        "images": len(part.labels),
        "accuracy": right / len(part.labels),
        "accuracy_95": list(interval(right, len(part.labels))),
        "log_loss": float(log_loss(part.labels, probabilities, labels=numbers)),
        "confusion": confusion_matrix(part.labels, predicted, labels=numbers).tolist(),
    }
