"""Post-process predictions without training: average over an image's nearest neighbours, and apply a temperature."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

SEARCHED = 4096  # images that are searched at a time
PARTS = 5  # parts that the only fold is cut into


def nearest(features, count, metric, threads=1):
    """Return the ``count`` nearest images of each image, images × count, the image itself first.

    ``features`` are images × …, an array or `hdf5.Rows`; two blocks of `SEARCHED` are in memory at a time. ``metric``
    is cosine or euclidean. Where there are fewer images, all are returned. ``threads`` is how many search.
    """
    itself = np.arange(len(features))[:, None]
    wanted = min(count, len(features)) - 1
    if wanted < 1:
        return itself
    starts, found = range(0, len(features), SEARCHED), []
    for start in starts:
        among = None  # its memory is free for what comes next
        queries = _scaled(features, start, metric)
        distances, numbers = (np.empty((len(queries), 0), kind) for kind in (float, int))
        for other in starts:
            among = None
            among = None if other == start else _scaled(features, other, metric)
            far, near = _search(queries, among, wanted, threads)
            distances, numbers = np.hstack([distances, far]), np.hstack([numbers, near + other])
            order = np.argsort(distances, axis=1, kind="stable")[:, :wanted]
            distances, numbers = (np.take_along_axis(values, order, axis=1) for values in (distances, numbers))
        found.append(numbers)
    return np.hstack([itself, np.concatenate(found)])


def _scaled(features, start, metric):
    """Return a block of features as rows; for cosine with length 1: Euclidean distance then gives the same order."""
    block = features[start : start + SEARCHED]
    rows = block.reshape(len(block), -1)
    if metric != "cosine":
        return rows
    if isinstance(features, np.ndarray):
        rows = rows.copy()  # the caller's stay as they are
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))  # NumPy's norm would take as much memory again
    rows /= np.maximum(lengths, np.finfo(rows.dtype).tiny)[:, None]
    return rows


def _search(queries, among, count, threads):
    """Return distances and numbers of the ``count`` nearest rows of ``among``, or else of the other queries."""
    others = len(queries) - 1 if among is None else len(among)
    if not others:
        return np.empty((len(queries), 0)), np.empty((len(queries), 0), int)
    search = NearestNeighbors(algorithm="brute").fit(queries if among is None else among)
    with threadpool_limits(threads):  # the config's, whatever the machine: sums differ in their last bits
        return search.kneighbors(None if among is None else queries, n_neighbors=min(count, others))


def refine(probabilities, order, neighbours, temperature):
    """Return ``probabilities``, images × classes, averaged over neighbours and then softened; rows sum to 1.

    ``order`` comes from `nearest`; the first ``neighbours`` of its columns are averaged. A temperature T divides logits
    by T: p^(1/T), normalised (Guo et al., arXiv:1706.04599). Above 1 it makes probabilities less certain.
    """
    mean = np.asarray(probabilities, np.float64)[order[:, :neighbours]].mean(axis=1)
    powers = np.maximum(mean, np.finfo(np.float32).tiny) ** (1 / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


def choosers(folds, units):
    """Return the part of each validation image; the other parts choose the settings of each part.

    A part is a fold. The only fold is cut into up to `PARTS`, of whole units (see `intervals.units`). No image chooses
    for itself, since a choice flatters the images that it was made on.
    """
    folds = np.asarray(folds)
    if len(set(folds)) > 1:
        return folds
    return np.unique(units, return_inverse=True)[1] % PARTS


def tried(probabilities, labels, orders, parts, neighbours, temperature):
    """Return the log loss on validation of every pair of the lists ``neighbours`` and ``temperature``.

    The data frame has columns fold, part, neighbours, temperature, images and log_loss, and a row for each pair and
    part. ``orders`` is ``{fold: (rows, order)}``. rows are the positions of a fold's images among all, and order comes
    from `nearest` for those images alone. Neighbours stay within a fold, since its members were trained on the images
    of the others. ``parts`` are `choosers`.
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
    """Return ``{part: (neighbours, temperature)}`` of a table of `tried`, chosen for each part by all other parts.

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


def apply(parts, folds, units, features, *, neighbours, metric, temperature, threads):
    """Return the post-processed ``parts``, the table of `tried`, and the chosen ``{part: (neighbours, temperature)}``.

    ``parts`` is ``{part: predictions.Part}``, and validation is one of them. ``folds`` and ``units`` (see
    `intervals.units`) are of its images. ``features(published part, ids)`` gives the images' features, as `nearest`
    takes them. Other images choose the settings of each validation image. See `choosers`. All of them together choose
    for the test part.
    """
    validation = parts["validation"]

    def order(values):
        return nearest(values, max(neighbours), metric, threads)

    rows = {fold: np.flatnonzero(folds == fold) for fold in sorted(set(folds))}
    ids = np.array(validation.ids, dtype=object)
    orders = {fold: (places, order(features("train", ids[places]))) for fold, places in rows.items()}
    chosen_by = choosers(folds, units)
    table = tried(validation.probabilities, validation.labels, orders, chosen_by, neighbours, temperature)
    pairs = chosen(table)
    probabilities = cross_refine(validation.probabilities, orders, chosen_by, pairs)
    found = {"validation": replace(validation, probabilities=probabilities)}
    if "test" in parts:
        test, pairs = parts["test"], pairs | {"test": best(table)}
        near = order(features("test", test.ids))
        found["test"] = replace(test, probabilities=refine(test.probabilities, near, *pairs["test"]))
    return found, table, pairs
