"""What a recipe's predictions are worth."""

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss


def evaluate(part, classes):
    """Return the metrics of one labelled `predictions.Part` as plain numbers.

    images, accuracy with Wilson's binomial 95 % interval (JASA 22, 1927), log loss (natural logarithm; scikit-learn
    takes a probability below 2.2e-16 for that), and the confusion matrix (rows: true class, columns: predicted class).
    """
    probabilities = part.probabilities.astype(np.float64)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    predicted = probabilities.argmax(axis=1)
    numbers = np.arange(len(classes))
    right = int(accuracy_score(part.labels, predicted, normalize=False))
    interval = binomtest(right, len(part.labels)).proportion_ci(0.95, "wilson")
    return {
        "images": len(part.labels),
        "accuracy": right / len(part.labels),
        "accuracy_95": [float(interval.low), float(interval.high)],
        "log_loss": float(log_loss(part.labels, probabilities, labels=numbers)),
        "confusion": confusion_matrix(part.labels, predicted, labels=numbers).tolist(),
    }
