"""Visualise layers: activations, images that excite a filter, a picture made to excite it, and Grad-CAM."""

import keras
import numpy as np
import tensorflow as tf
from matplotlib import colormaps
from PIL import Image

from headstart.formats import hdf5, predictions
from headstart.report import gallery
from headstart.training import models as saved

CHANNELS, FILTERS, EXAMPLES, WRONG = 8, 6, 5, 8  # pictures shown: of a layer, of filters, of a filter, of mistakes
STEPS, STEP, PIXELS = 40, 6.0, 112  # of gradient ascent; a step is on the scale of 0 to 255


def convolutions(model):
    """Return the names of a model's convolutional layers in their order."""
    return [layer.name for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]


def chosen(names, count=3):
    """Return ``count`` names, evenly spaced from the first to the last."""
    places = np.linspace(0, len(names) - 1, min(count, len(names)))
    return [names[place] for place in np.unique(np.rint(places).astype(int))]


def activations(model, name, images, prepare, batch=16):
    """Return a layer's activations for ``images``, N × height × width × 1 or 3.

    The result is float32, N × height × width × channels. ``prepare`` brings images, float32 of 0 to 255, to the model's
    inputs.
    """
    inner = keras.Model(model.inputs, model.get_layer(name).output)
    batches = (tf.constant(images[start : start + batch], tf.float32) for start in range(0, len(images), batch))
    return np.concatenate([tf.cast(inner(prepare(some), training=False), tf.float32).numpy() for some in batches])


def strongest(values, count):
    """Return the ``count`` channels, of N × height × width × channels, that differ most from image to image."""
    return np.argsort(-values.max(axis=(1, 2)).std(axis=0), kind="stable")[:count]


def ascend(model, name, channels, rng, shape, prepare):
    """Return pictures, uint8 N × ``shape``, height × width × 1 or 3, that excite ``channels`` of a layer, one each.

    They come from grey noise by gradient ascent (Erhan et al., Visualizing Higher-Layer Features, 2009). It maximises
    the mean of the channel before its ReLU. That mean has a slope where noise leaves the ReLU at 0 everywhere. Each
    step is divided by the root mean square of the gradient. The pictures are shifted by some pixels at each step,
    against grain. ``prepare`` is as in `activations`.
    """
    layer = model.get_layer(name)
    inner = keras.Model(model.inputs, layer.input)
    pictures = tf.constant(rng.uniform(108, 148, (len(channels), *shape)), tf.float32)
    wanted = tf.one_hot(channels, layer.filters)
    for _ in range(STEPS):
        shift = rng.integers(-(shape[0] // 28), shape[0] // 28 + 1, 2).tolist()
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            below = inner(prepare(tf.roll(pictures, shift, (1, 2))), training=False)
            values = keras.ops.conv(
                below, tf.cast(layer.kernel, below.dtype), strides=layer.strides, padding=layer.padding
            )
            means = tf.reduce_mean(values, (1, 2))
            excited = tf.reduce_sum(tf.cast(means, tf.float32) * wanted)
        gradient = tape.gradient(excited, pictures)
        gradient /= tf.sqrt(tf.reduce_mean(gradient**2, (1, 2, 3), keepdims=True)) + 1e-8
        pictures = tf.clip_by_value(pictures + STEP * gradient, 0, 255)
    return np.rint(pictures.numpy()).astype(np.uint8)


def grad_cam(model, inputs, numbers):
    """Return maps, N × height × width, 0 to 1, of the evidence for class ``numbers[i]`` in ``inputs[i]``.

    The method is Grad-CAM (Selvaraju et al., ICCV 2017). It weights the channels of the last convolutional layer, or of
    the inputs where these are features of one: the last output with a height and a width. The weight is the mean of
    the derivative of the class's score before softmax. Values below 0 are left out. All are 0 where no layer's output
    has a height and a width.
    """
    names = [layer.name for layer in model.layers if len(layer.output.shape) == 4]
    if not names:
        return np.zeros((len(inputs), 1, 1), np.float32)
    output = model.layers[-1]
    kernel, bias = (tf.cast(value, tf.float32) for value in output.weights[:2])
    maps = keras.Model(model.inputs[0], model.get_layer(names[-1]).output)(inputs, training=False)
    with tf.GradientTape() as tape:  # of the layers after the maps, which form a chain
        tape.watch(maps)
        x = maps
        for layer in model.layers[[layer.name for layer in model.layers].index(names[-1]) + 1 : -1]:
            x = layer(x)
        scores = tf.cast(x, tf.float32) @ kernel + bias
        score = tf.reduce_sum(scores * tf.one_hot(numbers, scores.shape[-1]))
    gradient = tf.cast(tape.gradient(score, maps), tf.float32)
    weights = tf.reduce_mean(gradient, (1, 2), keepdims=True)
    found = tf.nn.relu(tf.reduce_sum(weights * tf.cast(maps, tf.float32), -1)).numpy()
    return found / np.maximum(found.max(axis=(1, 2), keepdims=True), 1e-12)


def grey(values):
    """Return one channel's activations, height × width, as a picture, uint8 height × width × 1."""
    low, high = values.min(), values.max()
    return np.rint((values - low) / max(high - low, 1e-12) * 255).astype(np.uint8)[:, :, None]


def overlaid(pixels, heat):
    """Return a picture, uint8 height × width × 3, of ``pixels`` in grey under the colours of ``heat``, 0 to 1."""
    height, width = pixels.shape[:2]
    base = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).convert("L").convert("RGB")
    heat = np.asarray(Image.fromarray(np.float32(heat)).resize((width, height), Image.Resampling.BILINEAR))
    colours = Image.fromarray((colormaps["inferno"](np.clip(heat, 0, 1))[:, :, :3] * 255).astype(np.uint8))
    return np.asarray(Image.blend(base, colours, 0.5))


def strongest_maps(model, names, image, prepare):
    """Return a dict for each layer in ``names``: layer, and images: thumbnails of the channels ``image`` excites most.

    ``image`` is height × width × 1 or 3. ``prepare`` is as in `activations`.
    """
    found = []
    for name in names:
        values = activations(model, name, image[None], prepare)[0]
        order = np.argsort(-values.mean(axis=(0, 1)), kind="stable")[:CHANNELS]
        found.append({"layer": name, "images": [gallery.thumbnail(grey(values[:, :, channel])) for channel in order]})
    return found


def filters(model, small, name, ids, images, prepare, rng, shape):
    """Return a dict for each channel of a layer: filter, ascent, and images, those of ``images`` that excite it most.

    The channels are the `strongest`. ``ascent`` is a thumbnail of the picture that `ascend` makes, of ``shape``, with
    ``small``, which is ``model`` built for that shape. images are dicts of id and image, a thumbnail.
    """
    values = activations(model, name, images, prepare)
    channels = strongest(values, FILTERS)
    found = []
    for channel, picture in zip(channels, ascend(small, name, channels, rng, shape, prepare), strict=True):
        best = np.argsort(-values[:, :, :, channel].max(axis=(1, 2)), kind="stable")[:EXAMPLES]
        excited = [{"id": ids[row], "image": gallery.thumbnail(images[row])} for row in best]
        found.append({"filter": f"{name}, channel {channel}", "ascent": gallery.thumbnail(picture), "images": excited})
    return found


def explain(mistakes, *, part, models, members, inputs, pixels):
    """Return ``mistakes`` with heat, a thumbnail of `grad_cam`, each by the first member that predicted the image.

    ``mistakes`` are dicts of `gallery.told` of ``part``. ``models`` and ``members`` are the members' .keras and
    predictions files. ``inputs`` and ``pixels`` are HDF5 files: the network's inputs, and pictures for people.
    """
    mistakes, found = mistakes[:WRONG], []
    for path, member in zip(models, members, strict=True) if models else []:
        parts, classes = predictions.read(member)
        known = set(parts[part].ids) if part in parts else set()
        own = [picture for picture in mistakes if picture["id"] in known]
        mistakes = [picture for picture in mistakes if picture not in own]
        if not own:
            continue
        names = [picture["id"] for picture in own]
        numbers = [classes.index(picture["predicted"]) for picture in own]
        maps = grad_cam(saved.load(path), hdf5.read_rows(inputs, names), numbers)
        for picture, heat, values in zip(own, maps, hdf5.read_rows(pixels, names), strict=True):
            found.append(picture | {"heat": gallery.thumbnail(overlaid(values, heat))})
    return found
