"""VGG16 as a trunk: cut at any layer, run below the cut once, trained above it.

Architecture and preprocessing are Keras's (keras.applications.vgg16): RGB to BGR, ImageNet's channel means taken off.
"""

import keras

from headstart import weights
from headstart.cuts import DENSE, END
from headstart.errors import InputError


def vgg16(path, size, *, cut=END):
    """Return VGG16 with the weights of the file ``path``, for size × size images, as far as ``cut`` needs it.

    A cut at one of the dense layers needs the weights file that has them, and size 224.
    """
    dense = cut in DENSE
    model = keras.applications.VGG16(weights=None, include_top=dense, input_shape=(size, size, 3), name="vgg16")
    for layer in model.layers:
        if layer.weights:
            try:
                layer.set_weights(weights.read_layer(path, layer.name))
            except ValueError as error:
                raise InputError(f"{path}: layer {layer.name} is not VGG16's ({error}); fetch it again") from error
    return model


def below(path, size, cut):
    """Return a frozen model from RGB images (N × size × size × 3, 0 to 255) to the activations at layer ``cut``."""
    model = vgg16(path, size, cut=cut)
    images = keras.Input((size, size, 3), name="images")
    activations = model.get_layer(cut).output
    out = keras.Model(model.inputs, activations)(keras.applications.vgg16.preprocess_input(images))
    frozen = keras.Model(images, keras.layers.Activation("linear", dtype="float32")(out), name=f"below_{cut}")
    frozen.trainable = False
    return frozen


def above(path, size, cut, end=END):
    """Return the trainable layers after ``cut``, up to ``end``, as a list in their order; empty where both are one.

    ``end`` is block5_pool or, with the weights file that has the dense layers, fc2.
    """
    if cut == end:
        return []
    layers = vgg16(path, size, cut=end).layers
    names = [layer.name for layer in layers]
    return layers[names.index(cut) + 1 : names.index(end) + 1]
