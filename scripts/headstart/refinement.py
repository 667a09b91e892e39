"""Predictions made better without training: the mean over an image's nearest neighbours, and a temperature."""

from itertools import product

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

PARTS = 5  # that a fold is cut into, where it is the only one


def nearest(features, count, metric, threads=1):
    """Return the ``count`` nearest images of each image, images × count, the image itself first.

    ``features`` are images × …, ``metric`` cosine or euclidean. Where there are fewer images, all of them. With cosine,
    ``features`` are brought to length 1 in place: they may fill half of the memory. ``threads`` is how many search.
    """
    itself = np.arange(len(features))[:, None]
    if min(count, len(features)) < 2:
        return itself
    rows = features.reshape(len(features), -1)
    if metric == "cosine":  # then the nearest are those of the least Euclidean distance
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))  # NumPy's norm takes as much memory again
        rows /= np.maximum(lengths, np.finfo(rows.dtype).tiny)[:, None]
    search = NearestNeighbors(algorithm="brute").fit(rows)
    with threadpool_limits(threads):  # by the config and never by the machine: sums differ in their last bits
        others = search.kneighbors(n_neighbors=min(count, len(features)) - 1, return_distance=False)
    return np.hstack([itself, others])


def refine(probabilities, order, neighbours, temperature):
    """Return ``probabilities``, images × classes, averaged over neighbours and then softened; rows sum to 1.

    ``order`` is what `nearest` gives; the first ``neighbours`` of its columns are averaged. A temperature T takes
    logits divided by T, p^(1/T) normalised (Guo et al., arXiv:1706.04599): above 1 it makes probabilities less certain.
    """
    mean = np.asarray(probabilities, np.float64)[order[:, :neighbours]].mean(axis=1)
    powers = np.maximum(mean, np.finfo(np.float32).tiny) ** (1 / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


def choosers(folds, units):
    """Return the part that each validation image is in; each part gets what the other parts choose.

    A part is a fold. The only fold is cut into up to `PARTS`, of whole units (see `intervals.units`), since a choice
    flatters the images that it was made on.
    """
    folds = np.asarray(folds)
    if len(set(folds)) > 1:
        return folds
    return np.unique(units, return_inverse=True)[1] % PARTS


def tried(probabilities, labels, orders, parts, neighbours, temperature):
    """Return what every pair of the lists ``neighbours`` and ``temperature`` gives on validation.

    A data frame with columns fold, part, neighbours, temperature, images and log_loss, a row for each pair and part.
    ``orders`` is ``{fold: (rows, order)}``: the positions of a fold's images among all, and what `nearest` gives for
    those alone, since the members that predict this fold were trained on the images of the others. ``parts`` are
    `choosers`.
    """
    found = []
    for fold, (rows, order) in orders.items():
        for count, degree in product(neighbours, temperature):
            refined = refine(probabilities[rows], order, count, degree)
            for part in np.unique(parts[rows]):
                here = parts[rows] == part
                loss = log_loss(labels[rows][here], refined[here], labels=range(probabilities.shape[1]))
                found.append((fold, part, count, degree, here.sum(), loss))
    return pd.DataFrame(found, columns=["fold", "part", "neighbours", "temperature", "images", "log_loss"])


def best(table):
    """Return the (neighbours, temperature) of the lowest log loss in a table of `tried`; of equals the first."""
    pairs = table.groupby(["neighbours", "temperature"], sort=False)
    loss = pairs.apply(lambda rows: np.average(rows["log_loss"], weights=rows["images"]))
    count, degree = loss.idxmin()
    return int(count), float(degree)


def chosen(table):
    """Return ``{part: (neighbours, temperature)}`` of a table of `tried`: what all other parts choose.

    A part without others gets the first pair, which no figure chose.
    """
    found = {}
    for part in table["part"].unique():
        others = table[table["part"] != part]
        found[part] = best(others if len(others) else table.head(1))
    return found


def cross_refine(probabilities, orders, parts, pairs):
    """Return ``probabilities`` of validation, refined in each part by its pair in ``pairs``, as `chosen` gives it."""
    found = np.empty(probabilities.shape)
    for rows, order in orders.values():
        for part in np.unique(parts[rows]):
            here = parts[rows] == part
            found[rows[here]] = refine(probabilities[rows], order[here], *pairs[part])
    return found
