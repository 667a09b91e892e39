"""Measure batch normalisation's means and variances again."""

import keras
import numpy as np

from headstart.training.history import BATCH


def recalibrate(model, inputs, chosen=None):
    """Set mean and variance of every batch normalisation in ``model``, in place, to those over ``inputs``, images × ….

    Training leaves a running mean over its last batches. Their images are augmented, and dropout raises the variance.
    Prediction gets plain images, without dropout. Layers are measured one after another, over all places of all images.
    This is precise batch normalisation (Wu & Johnson, arXiv:2105.07576, section 3). ``chosen`` are the numbers of the
    images to measure, all of them if None.
    """
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            mean, variance = moments(keras.Model(model.inputs, layer.input), inputs, chosen)
            layer.moving_mean.assign(mean)
            layer.moving_variance.assign(variance)


def moments(model, inputs, chosen=None):
    """Return mean and variance of each channel that ``model`` gives, over all places of the images.

    ``inputs`` and ``chosen`` are as in `recalibrate`.
    """
    chosen = np.arange(len(inputs)) if chosen is None else chosen
    count = total = squares = 0
    for start in range(0, len(chosen), BATCH):
        some = inputs[chosen[start : start + BATCH]].astype(np.float32)
        values = model.predict_on_batch(some).astype(np.float64)
        axes = tuple(range(values.ndim - 1))
        count += values.size // values.shape[-1]
        total = total + values.sum(axes)
        squares = squares + (values**2).sum(axes)
    mean = total / count
    return mean, np.maximum(squares / count - mean**2, 0)
