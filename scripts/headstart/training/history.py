"""Collect the loss and the accuracy of a training, epoch by epoch."""

import math

import numpy as np

from headstart.config.recipes import epochs

BATCH = 256  # images predicted at a time
NO_FIGURES = math.nan, math.nan  # loss and accuracy where training diverged


def divergence(history, schedule):
    """Return in words when a training diverged, according to its history, or None where it did not."""
    last = history.iloc[-1]
    if math.isfinite(last["loss"]):
        return None
    return f"the loss or a weight was not finite in epoch {last['epoch']:.0f} of {epochs(schedule)}"


def epoch_row(epoch, rate, trained, validated):
    """Print and return one row of a history; ``trained`` and ``validated`` are (loss, accuracy)."""
    row = {
        "epoch": epoch,
        "learning_rate": rate,
        "loss": float(trained[0]),
        "accuracy": float(trained[1]),
        "validation_loss": validated[0],
        "validation_accuracy": validated[1],
    }
    print(row, flush=True)
    return row


def loss_and_accuracy(found):
    """Return the loss, without weight penalties, and the accuracy from the figures that Keras measured."""
    return found[-1] if len(found) > 2 else found[0], found[1]


def evaluate(model, validation):
    """Return loss and accuracy of a compiled model on validation `Examples`; None twice where nothing is held out.

    A plain loop: TensorFlow would turn an `InputError` from the reading of rows into an error of its own.
    """
    if not validation:
        return None, None
    sums, count = np.zeros(2), len(validation.labels)
    for start in range(0, count, BATCH):
        inputs, labels = (values[start : start + BATCH] for values in (validation.inputs, validation.labels))
        # Keras gives the figures of this batch alone.
        sums += np.multiply(loss_and_accuracy(model.test_on_batch(inputs.astype(np.float32), labels)), len(labels))
    loss, accuracy = sums / count
    return float(loss), float(accuracy)
