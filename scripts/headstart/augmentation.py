"""Augmentation: one random affine transform an image, and a shift of its channels, drawn from a seed."""

import numpy as np
from keras import ops

NONE = {"rotation": 0, "width_shift": 0, "height_shift": 0, "shear": 0, "zoom": 0, "flip": False, "channel_shift": 0}


def transforms(count, height, width, rng, *, rotation, width_shift, height_shift, shear, zoom, flip):
    """Return ``count`` affine transforms, count × 8, as `keras.ops.image.affine_transform` takes them.

    Each is drawn evenly: rotation ± degrees, shifts ± shares of the size, shear ± (radians), zoom 1 ± share on each
    axis, flip left to right every second time. They act about the image's centre and lead from a place in the output to
    a place (a₀x + a₁y + a₂, a₃x + a₄y + a₅) in the input.
    """
    angle = np.deg2rad(rng.uniform(-rotation, rotation, count))
    slant = rng.uniform(-shear, shear, count)
    zoom_x, zoom_y = rng.uniform(1 - zoom, 1 + zoom, (2, count))
    shift_x = rng.uniform(-width_shift, width_shift, count) * width
    shift_y = rng.uniform(-height_shift, height_shift, count) * height
    mirrored = np.where(rng.uniform(size=count) < 0.5, -1.0, 1.0) if flip else np.ones(count)
    a0, a1 = np.cos(angle) * zoom_x * mirrored, -np.sin(angle + slant) * zoom_y
    a3, a4 = np.sin(angle) * zoom_x * mirrored, np.cos(angle + slant) * zoom_y
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    a2 = centre_x + shift_x - a0 * centre_x - a1 * centre_y
    a5 = centre_y + shift_y - a3 * centre_x - a4 * centre_y
    zero = np.zeros(count)
    return np.stack([a0, a1, a2, a3, a4, a5, zero, zero], axis=1).astype(np.float32)


def augment(images, seed, *, channel_shift=0, **affine):
    """Return a randomly transformed copy of ``images``, N × height × width × channels, float32, 0 to 255.

    The same images and ``seed`` (an int or a sequence of ints) give the same copy. Keywords are those of `NONE`: the
    affine ones as in `transforms`, ``channel_shift`` ± on the scale of 0 to 255, a number for each channel. What comes
    into the picture from outside repeats the nearest edge.
    """
    settings = {**NONE, **affine}
    del settings["channel_shift"]
    rng = np.random.default_rng(seed)
    count, height, width, channels = images.shape
    images = ops.convert_to_tensor(images, "float32")
    matrix = transforms(count, height, width, rng, **settings)
    images = ops.image.affine_transform(images, matrix, interpolation="bilinear", fill_mode="nearest")
    if channel_shift:
        shift = rng.uniform(-channel_shift, channel_shift, (count, 1, 1, channels)).astype(np.float32)
        images = ops.clip(images + shift, 0, 255)
    return ops.convert_to_numpy(images)
