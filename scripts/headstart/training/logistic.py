"""Solve the last layer of a head by L-BFGS."""

import math

import keras
import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss

from headstart.training.history import BATCH, epoch_row, evaluate

SPARSE = 1 / 3  # a number that is not 0 takes the memory of two in a sparse matrix


def solve(model, train, validation, iterations):
    """Set the one dense layer of ``model`` to the lowest point of its loss, weight penalty included.

    The objective of multinomial logistic regression is convex, so neither seed nor learning rate affects the result.
    L-BFGS (scikit-learn's, in float32) takes at most ``iterations`` steps. Returns a history as `fit` does, with one
    row, whose epoch is the number of steps. The layer must have an L2 penalty.
    """
    output, count = model.layers[-1], len(train.labels)
    below = keras.Model(model.inputs, output.input)
    inputs = _matrix(below, train.inputs)
    # scikit-learn minimises C times the sum of losses, plus |w|² / 2. For two classes it has one w: twice each kernel.
    times = 1 if output.units == 2 else 2
    found = LogisticRegression(C=1 / (times * output.kernel_regularizer.l2 * count), max_iter=iterations, tol=1e-7)
    found.fit(inputs, train.labels)
    if found.n_iter_[0] >= iterations:
        print(f"L-BFGS stopped after {iterations} iterations, before the lowest loss. Raise max_iter.", flush=True)
    probabilities = found.predict_proba(inputs)
    kernel, bias = found.coef_.T, found.intercept_
    if output.units == 2:
        kernel, bias = np.hstack([-kernel, kernel]) / 2, np.hstack([-bias, bias]) / 2
    output.set_weights([kernel, bias])
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy", "sparse_categorical_crossentropy"])
    trained = log_loss(train.labels, probabilities), accuracy_score(train.labels, probabilities.argmax(axis=1))
    return pd.DataFrame([epoch_row(int(found.n_iter_[0]), None, trained, evaluate(model, validation))])


def _matrix(below, inputs):
    """Return what ``below`` makes of ``inputs``, images × numbers, in float32.

    The matrix is sparse (CSR) where at most `SPARSE` of its numbers are not 0, as features behind a ReLU are. It then
    takes less memory, and the solver takes less time.
    """
    counts = np.concatenate([np.count_nonzero(block, axis=1) for block in _blocks(below, inputs)])
    shape, total = (len(counts), *below.output_shape[1:]), int(counts.sum())
    if total > SPARSE * math.prod(shape):
        matrix = np.empty(shape, np.float32)
        for number, block in enumerate(_blocks(below, inputs)):
            matrix[number * BATCH :][: len(block)] = block
        return matrix
    numbers = sparse.get_index_dtype(maxval=max(total, *shape))
    data, columns, ends = np.empty(total, np.float32), np.empty(total, numbers), np.cumsum(counts, dtype=numbers)
    ends = np.insert(ends, 0, 0)
    for number, block in enumerate(_blocks(below, inputs)):
        found = sparse.csr_matrix(block)
        here = slice(ends[number * BATCH], ends[number * BATCH + len(block)])
        data[here], columns[here] = found.data, found.indices
    return sparse.csr_matrix((data, columns, ends), shape)


def _blocks(below, inputs):
    for start in range(0, len(inputs), BATCH):
        yield below.predict_on_batch(inputs[start : start + BATCH])
