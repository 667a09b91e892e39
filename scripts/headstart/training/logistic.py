"""Solve the last layer of a head by L-BFGS."""

import keras
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss

from headstart.training.history import BATCH, epoch_row, evaluate


def solve(model, train, validation, iterations):
    """Set the one dense layer of ``model`` to the lowest point of its loss, weight penalty included.

    The objective of multinomial logistic regression is convex, so neither seed nor learning rate affects the result.
    L-BFGS (scikit-learn's, in float32) takes at most ``iterations`` steps. Returns a history as `fit` does, with one
    row, whose epoch is the number of steps. The layer must have an L2 penalty.
    """
    output, count = model.layers[-1], len(train.labels)
    below = keras.Model(model.inputs, output.input)
    inputs = np.empty((count, *below.output_shape[1:]), np.float32)  # predict would hold this array twice
    for start in range(0, count, BATCH):
        inputs[start : start + BATCH] = below.predict_on_batch(train.inputs[start : start + BATCH])
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
