"""Fit a network with AdamW: from scratch, as a head, or in fine-tuning."""

import keras
import numpy as np
import pandas as pd

from headstart.config.recipes import epochs
from headstart.core import progress
from headstart.training.batches import Batches, ahead, steps
from headstart.training.history import NO_FIGURES, epoch_row, evaluate, loss_and_accuracy
from headstart.training.learning_rates import Rates, learning_rates


def fit(model, train, validation, *, schedule, seed, transform=None, checkpoint=None, terminal=None, title=""):
    """Train ``model`` on ``train`` (`Examples`) and return its history: a data frame with a row an epoch.

    ``schedule`` has batch_size, the rates of `learning_rates`, and weight_decay. The optimizer is AdamW (Loshchilov &
    Hutter, arXiv:1711.05101), or Adam where weight_decay is 0. ``transform(inputs, seed)`` changes each training batch,
    and never validation. It leaves out the schedule's last ``unaugmented_epochs`` (He et al., arXiv:1909.09148).
    Learning rate and training figures are means over the epoch. The training figures are measured with dropout on, on
    the images as they are trained on. Where ``validation`` is None nothing is held out, and its columns are empty. A
    killed training continues from ``checkpoint`` (`Checkpoint`), which keeps each complete epoch. A training that
    diverges ends with that epoch, whose figures are NaN (`divergence`).
    """
    count = steps(len(train.labels), schedule["batch_size"])
    rates = learning_rates(schedule, count)
    model.compile(
        optimizer=_optimizer(model, rates, schedule["weight_decay"]),
        loss="sparse_categorical_crossentropy",
        # The history has the loss of the labels alone, without weight penalties.
        metrics=["accuracy", *(["sparse_categorical_crossentropy"] if model.losses else [])],
    )
    history = checkpoint.restore(model) if checkpoint else []
    first, last = len(history), epochs(schedule)
    for epoch in progress.bar(
        range(first, last), desc=title, initial=first, total=last, unit=" epochs", terminal=terminal
    ):
        sums = np.zeros(2)
        change = transform if epoch < last - schedule["unaugmented_epochs"] else None
        # A plain loop: fit would draw the first two batches of each epoch twice, to learn their shapes.
        for inputs, labels in ahead(Batches(train, schedule["batch_size"], seed, epoch, change)):
            # Keras gives the figures of this batch alone.
            sums += np.multiply(loss_and_accuracy(model.train_on_batch(inputs, labels)), len(labels))
        rate = float(rates[epoch * count : (epoch + 1) * count].mean())
        trained, validated = sums / len(train.labels), evaluate(model, validation)
        if not _finite(model, trained, validated):
            history.append(epoch_row(epoch + 1, rate, NO_FIGURES, NO_FIGURES))
            break
        history.append(epoch_row(epoch + 1, rate, trained, validated))
        if checkpoint:
            checkpoint.save(model, history)
    return pd.DataFrame(history)


def _optimizer(model, rates, weight_decay):
    """Return AdamW that decays kernels alone: biases, gammas and betas are vectors and keep their size."""
    optimizer = keras.optimizers.AdamW(learning_rate=Rates(rates), weight_decay=weight_decay)
    optimizer.exclude_from_weight_decay([weight for weight in model.trainable_weights if len(weight.shape) < 2])
    return optimizer


def _finite(model, trained, validated):
    """Return whether an epoch's losses and the weights after its last step are finite numbers."""
    losses = [loss for loss in (trained[0], validated[0]) if loss is not None]
    return np.isfinite(losses).all() and all(np.isfinite(weight).all() for weight in model.get_weights())
