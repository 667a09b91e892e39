"""Collect the loss and the accuracy of a training, epoch by epoch."""

import math

import keras

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


class _Batches(keras.utils.PyDataset):
    """`Examples` in batches that are read one after another: their inputs may not fit in memory."""

    def __init__(self, some):
        super().__init__()
        self.some = some

    def __len__(self):
        return math.ceil(len(self.some.labels) / BATCH)

    def __getitem__(self, number):
        chosen = slice(number * BATCH, (number + 1) * BATCH)
        return self.some.inputs[chosen], self.some.labels[chosen]


def evaluate(model, validation):
    """Return loss and accuracy on validation `Examples`, or None twice where nothing is held out."""
    if not validation:
        return None, None
    return loss_and_accuracy(model.evaluate(_Batches(validation), verbose=0))
