"""Build the networks that recipes describe."""

import keras
from keras import layers

from headstart.config.recipes import layout
from headstart.core.errors import InputError


@keras.saving.register_keras_serializable("headstart")
class Root(layers.Layer):
    """A layer: the square root of every positive number, and 0 of the others, with a slope of 0 there."""

    def call(self, inputs):
        """Return the square roots."""
        positive = inputs > 0  # tested twice: the root's slope at 0, though not chosen, would make all slopes NaN
        return keras.ops.where(positive, keras.ops.sqrt(keras.ops.where(positive, inputs, 1)), 0)


def classifier(
    shape,
    classes,
    *,
    blocks,
    dense,
    batch_norm,
    dropout,
    pooling="max",
    feature_norm=None,
    l1=0,
    l2=0,
    normalisation=None,
    before=(),
):
    """Return a classifier from inputs of ``shape`` to the probabilities of ``classes`` classes.

    ``blocks`` lists blocks of 3 × 3 convolutions by their filters. ``pooling`` says how a block halves its height and
    width, for all blocks or in a list:
    - "max": by 2 × 2 max pooling at its end
    - "strided": by its last convolution, 5 × 5 with stride 2 (stride in place of pooling: Springenberg et al.,
      arXiv:1412.6806)
    - "none": not at all
    ``dense`` lists the sizes of the hidden dense layers. All convolutions and hidden dense layers have ReLUs.
    ``batch_norm`` True puts batch normalisation after each of them, as in the lecture. Where there are blocks, it also
    follows flattening. "blocks" puts it after dense layers and after each block, where pooling has left a quarter of
    the activations.
    ``dropout`` is the share of activations dropped before the output. A list drops a share before each dense layer, the
    output last.
    ``feature_norm`` "l2" scales each image's features to length 1, before the dense layers. "sqrt_l2" takes their
    square roots first, so that distances are Hellinger's and large features count less (Arandjelović & Zisserman, CVPR
    2012).
    ``l1`` and ``l2`` times the sums of absolute and squared weights of all kernels are added to the loss.
    ``normalisation`` is the (mean, variance) that inputs are brought to 0 and 1 with. ``before`` are layers that come
    first: the backbone's layers above the feature layer.
    Raises `InputError` where the inputs are too small for the blocks.
    """

    def normalised(x):
        # Keras's momentum of .99 needs some 500 steps before inference is right: more than small data has.
        return layers.BatchNormalization(momentum=0.9)(x)

    weighed = {"kernel_regularizer": keras.regularizers.L1L2(l1, l2)} if l1 or l2 else {}
    inputs = x = keras.Input(shape)
    if normalisation is not None:
        mean, variance = normalisation
        x = layers.Normalization(mean=mean, variance=variance, axis=None)(x)
    for layer in before:
        x = layer(x)
    planned = layout(blocks, pooling)
    try:
        for convolutions, end in planned:
            for filters, size, stride in convolutions:
                x = layers.Conv2D(filters, size, stride, activation="relu", **weighed)(x)
                if batch_norm is True:
                    x = normalised(x)
            x = layers.MaxPooling2D()(x) if end == "max" else x
            if batch_norm == "blocks":
                x = normalised(x)
    except ValueError as error:
        raise InputError(
            f"network.blocks: {blocks} with pooling {pooling} is too deep for inputs of {shape}. "
            f"Remove a block or pool less."
        ) from error
    x = layers.Flatten()(x) if len(x.shape) > 2 else x
    x = Root()(x) if feature_norm == "sqrt_l2" else x
    x = layers.UnitNormalization()(x) if feature_norm else x
    if blocks and batch_norm is True:
        x = normalised(x)
    shares = dropout if isinstance(dropout, list) else [0] * len(dense) + [dropout]
    for units, share in zip(dense, shares[:-1], strict=True):
        x = layers.Dropout(share)(x) if share else x
        x = layers.Dense(units, activation="relu", **weighed)(x)
        if batch_norm:
            x = normalised(x)
    x = layers.Dropout(shares[-1])(x) if shares[-1] else x
    # The softmax stays in float32: probabilities in bfloat16 have three digits.
    return keras.Model(inputs, layers.Dense(classes, activation="softmax", dtype="float32", **weighed)(x))
