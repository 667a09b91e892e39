"""Operate on trained networks: every function takes one whose layers follow one another, and returns a new one.

The network that is given stays as it was. The layers of the new one are copies.
"""

import keras
import numpy as np
from keras import layers

from headstart.core.errors import InputError
from headstart.training.batch_norm import moments


def chain(model):
    """Return copies of the layers of ``model`` but its input layers, in their order, weights included.

    Raises `InputError` where a layer is itself a model, or its input is not the output of the layer before it.
    """
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    found, end = [], copy.inputs[0]
    for layer in copy.layers:
        if isinstance(layer, layers.InputLayer):
            continue
        if isinstance(layer, keras.Model) or layer.input is not end:
            raise InputError(
                f"layer {layer.name}: got a branch or a nested model. Use a network whose layers form one chain."
            )
        found.append(layer)
        end = layer.output
    return found


def join(shape, parts):
    """Return one model, for inputs of ``shape``, of copies of the layers in ``parts``, weights included.

    A layer whose name is already taken gets a number behind it.
    """
    inputs = x = keras.Input(shape)
    names = []
    for part in parts:
        names.append(part.name)
        name = part.name if names.count(part.name) == 1 else f"{part.name}_{names.count(part.name)}"
        layer = type(part).from_config(part.get_config() | {"name": name})
        x = layer(x)
        layer.set_weights(part.get_weights())
    return keras.Model(inputs, x)


def split(model, name):
    """Return two models that together are ``model``: its layers up to and including ``name``, and those after it."""
    parts = chain(model)
    names = [layer.name for layer in parts]
    if name not in names[:-1]:
        raise InputError(f"layer: expected one of {', '.join(names[:-1])} (got {name!r}). Name one of them.")
    end = names.index(name) + 1
    return join(model.input_shape[1:], parts[:end]), join(parts[end].input.shape[1:], parts[end:])


def operate(model, inputs, chosen=None, *, dropout, rescale, batch_norm):
    """Return ``model`` after the operations that a recipe asks for: `change_dropout`, then `insert_batch_norm`.

    With ``dropout`` None, dropout stays as it is. ``inputs`` are training inputs, to measure activations on: those with
    the numbers ``chosen``, or all.
    """
    if dropout is not None:
        model = change_dropout(model, dropout, rescale=rescale)
    return insert_batch_norm(model, inputs, chosen) if batch_norm else model


def replace_output(model, classes):
    """Return ``model`` with a new last layer, from random weights, to the probabilities of ``classes`` classes."""
    output = layers.Dense(classes, activation="softmax", dtype="float32")
    kept = join(model.input_shape[1:], chain(model)[:-1])
    return keras.Model(kept.inputs, output(kept.output))


def change_dropout(model, shares, *, rescale=False):
    """Return ``model`` with other shares of dropout: one for all its dropout layers, or a list; 0 removes a layer.

    Keras's dropout is inverted: while it trains, it divides by the share that is kept. So no weight changes, and
    neither do the predictions. ``rescale`` does what the lecture did instead. It multiplies all weights
    of the next layer that has any by (1 - old) / (1 - new). Raises `InputError` where the number of shares is not that
    of dropout layers.
    """
    parts = chain(model)
    old = [layer for layer in parts if isinstance(layer, layers.Dropout)]
    if not old:
        raise InputError(f"surgery.dropout: the network has no dropout layers (got {shares}). Remove the key.")
    shares = shares if isinstance(shares, list) else [shares] * len(old)
    if len(shares) != len(old):
        raise InputError(
            f"surgery.dropout: expected {len(old)} shares, one for each dropout layer (got {len(shares)}). "
            f"Change the list, or give one share for all layers."
        )
    kept, remaining, factor = [], iter(shares), 1
    for layer in parts:
        if isinstance(layer, layers.Dropout):
            share = next(remaining)
            factor = (1 - layer.rate) / (1 - share)
            if share:
                kept.append(layers.Dropout(share, name=layer.name, dtype=layer.dtype_policy))
            continue
        if rescale and layer.weights:
            layer.set_weights([weight * factor for weight in layer.get_weights()])
            factor = 1
        kept.append(layer)
    return join(model.input_shape[1:], kept)


def insert_batch_norm(model, inputs, chosen=None, *, epsilon=1e-3, momentum=0.9):
    """Return ``model`` with batch normalisation after every hidden layer that has weights; it computes the same.

    Mean and variance of each channel are measured at inference, on the activations for ``inputs`` (training inputs,
    images × …): those with the numbers ``chosen``, or all. They become the moving mean and variance, with gamma =
    sqrt(variance + epsilon) and beta = mean. So the new layer is the identity (Ioffe & Szegedy, arXiv:1502.03167, at
    the start of training). Layers that are already normalised, before the next layer with weights, stay as they are.
    """
    parts = chain(model)
    found, start = [], parts[0].input
    for number, layer in enumerate(parts):
        last = number == len(parts) - 1
        found.append(layer)
        normalised = isinstance(layer, layers.BatchNormalization | layers.Normalization)
        after = next((other for other in parts[number + 1 :] if other.weights), None)
        if last or not layer.weights or normalised or isinstance(after, layers.BatchNormalization):
            continue
        mean, variance = moments(keras.Model(start, layer.output), inputs, chosen)
        added = layers.BatchNormalization(
            epsilon=epsilon, momentum=momentum, name=f"{layer.name}_bn", dtype=layer.dtype_policy
        )
        added.build(layer.output.shape)
        added.set_weights([np.sqrt(variance + epsilon), mean, mean, variance])
        found.append(added)
    return join(model.input_shape[1:], found)
