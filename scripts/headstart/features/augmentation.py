"""Augment images from a seed: one random transform an image, affine or elastic too, and a shift of its channels."""

from functools import cache

import numpy as np
from keras import ops
from scipy.interpolate import BSpline
from scipy.ndimage import map_coordinates

CONTROLS = 6  # control points of an elastic deformation on each axis: enough to bend a stroke without a tremble


def transforms(count, height, width, rng, *, rotation=0, width_shift=0, height_shift=0, shear=0, zoom=0, flip=False):
    """Return ``count`` affine transforms, count × 8, as `keras.ops.image.affine_transform` takes them.

    Each parameter is drawn evenly:
    - rotation: ± degrees
    - shifts: ± shares of the size
    - shear: ± radians
    - zoom: 1 ± share, on each axis
    - flip: left to right with a probability of 0.5
    The transforms act about the image's centre. They lead from a place in the output to a place (a₀x + a₁y + a₂, a₃x +
    a₄y + a₅) in the input.
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


@cache
def _basis(size):
    """Return the share of each control point of a cubic B-spline in each of ``size`` places, places × points."""
    knots = np.arange(-3, CONTROLS + 1) / (CONTROLS - 3)
    # 1 itself belongs to no interval of the spline, so the last place lies just below it.
    return BSpline.design_matrix(np.linspace(0, np.nextafter(1, 0), size), knots, 3).toarray()


def displacements(count, height, width, rng, elastic):
    """Return ``count`` smooth random fields, count × 2 × height × width: how many pixels each place moves, y then x.

    They are elastic deformations (Simard, Steinkraus & Platt, ICDAR 2003). They are made as cubic B-splines over 6 × 6
    control points (Rueckert et al., IEEE TMI 18(8), 1999). The control points are drawn from a normal distribution.
    ``elastic`` is the standard deviation over all places, a share of the size. More than a quarter of the variance
    moves all places alike.
    """
    bases = [_basis(height), _basis(width)]
    spread = np.sqrt(np.prod([(basis**2).sum(axis=1).mean() for basis in bases]))
    scale = elastic / spread * np.array([height, width])[:, None, None]
    return bases[0] @ (scale * rng.normal(size=(count, 2, CONTROLS, CONTROLS))) @ bases[1].T


def _elastically(images, matrix, moved):
    """Return ``images`` transformed by ``matrix`` of `transforms` and moved by ``moved`` of `displacements`."""
    y, x = np.indices(images.shape[1:3])
    a = matrix[:, :6, None, None]
    places = np.stack([a[:, 3] * x + a[:, 4] * y + a[:, 5], a[:, 0] * x + a[:, 1] * y + a[:, 2]], axis=1) + moved
    found = np.empty(images.shape, np.float32)
    for number, channel in np.ndindex(images.shape[0], images.shape[3]):  # Keras loops over images too, and is slower
        source, target = images[number, ..., channel], found[number, ..., channel]
        map_coordinates(source, places[number], output=target, order=1, mode="nearest")
    return found


def augment(images, seed, *, elastic=0, channel_shift=0, **affine):
    """Return a randomly transformed copy of ``images``, N × height × width × channels, float32, 0 to 255.

    The same images and ``seed`` (an int or a sequence of ints) give the same copy. ``affine`` is as in `transforms`,
    ``elastic`` as in `displacements`. ``channel_shift`` is ± on the scale of 0 to 255, a number for each channel.
    Pixels are sampled from the image once, bilinearly, for all transforms together. Places outside the image repeat its
    nearest edge.
    """
    rng = np.random.default_rng(seed)
    count, height, width, channels = images.shape
    matrix = transforms(count, height, width, rng, **affine)
    shape = (count, 1, 1, channels)
    shift = rng.uniform(-channel_shift, channel_shift, shape).astype(np.float32) if channel_shift else None
    if elastic:
        images = _elastically(images.astype(np.float32), matrix, displacements(count, height, width, rng, elastic))
    else:
        images = ops.convert_to_tensor(images, "float32")
        images = ops.image.affine_transform(images, matrix, interpolation="bilinear", fill_mode="nearest")
    return ops.convert_to_numpy(images if shift is None else ops.clip(images + shift, 0, 255))
