"""Divide the backbone, VGG16, at the feature layer: run the layers below once, train the layers above.

Architecture and preprocessing are Keras's (keras.applications.vgg16). Preprocessing turns RGB into BGR and takes
ImageNet's channel means off.
"""

import keras

from headstart.config.backbones import DENSE, END
from headstart.core.errors import InputError
from headstart.formats import weights


def vgg16(path, size, *, feature_layer=END):
    """Return VGG16 with the weights of the file ``path``, for size × size images, as far as ``feature_layer`` needs it.

    A dense layer needs the weights file with the dense layers, and size 224.
    """
    dense = feature_layer in DENSE
    model = keras.applications.VGG16(weights=None, include_top=dense, input_shape=(size, size, 3), name="vgg16")
    for layer in model.layers:
        if layer.weights:
            try:
                layer.set_weights(weights.read_layer(path, layer.name))
            except ValueError as error:
                raise InputError(
                    f"{path}: layer {layer.name} does not fit VGG16 ({error}). Remove the file to fetch it again."
                ) from error
    return model


def below(path, size, feature_layer):
    """Return a frozen model from RGB images (N × size × size × 3, 0 to 255) to the activations at ``feature_layer``."""
    model = vgg16(path, size, feature_layer=feature_layer)
    images = keras.Input((size, size, 3), name="images")
    activations = model.get_layer(feature_layer).output
    out = keras.Model(model.inputs, activations)(keras.applications.vgg16.preprocess_input(images))
    frozen = keras.Model(images, keras.layers.Activation("linear", dtype="float32")(out), name=f"below_{feature_layer}")
    frozen.trainable = False
    return frozen


def above(path, size, feature_layer, end=END):
    """Return the trainable layers after ``feature_layer``, up to ``end``, a list in their order; empty if both are one.

    ``end`` is block5_pool or, with the weights file that has the dense layers, fc2.
    """
    if feature_layer == end:
        return []
    layers = vgg16(path, size, feature_layer=end).layers
    names = [layer.name for layer in layers]
    return layers[names.index(feature_layer) + 1 : names.index(end) + 1]
