"""Provide the canvas, the colours and the textures of both scenes.

Coordinates are pixels of the final picture (x right, y down). The canvas has twice the size and is halved against
jagged edges.
"""

import io

import numpy as np
from PIL import Image, ImageDraw

DARK, WHITE = (26, 22, 22), (240, 240, 236)
# SeedSequence pads short seeds with zeros ([1, 2] equals [1, 2, 0]), so every kind of draw has its own tag.
PLAN, LOOK, BURST, FRAME, PET, PET_LABEL = range(1, 7)


class Pen:
    """A canvas for a picture of ``size`` (width, height); `place` sets how the points drawn next map to it."""

    def __init__(self, size, colour):
        self.image = Image.new("RGB", (2 * size[0], 2 * size[1]), colour)
        self.draw = ImageDraw.Draw(self.image)
        self.place()

    def place(self, shift=(0, 0), scale=1.0, turn=0.0, mirror=1):
        """Move the origin to ``shift``, after scaling, turning (radians) and, where ``mirror`` is -1, mirroring."""
        c, s = np.cos(turn) * scale, np.sin(turn) * scale
        self.matrix, self.shift, self.scale = np.array([[c * mirror, s * mirror], [-s, c]]), np.array(shift), scale

    def at(self, points):
        """Return where points (n, 2) fall, in pixels of the final picture."""
        return np.asarray(points) @ self.matrix + self.shift

    def shape(self, points, fill, rim=None):
        """Fill a polygon with a colour or with an image of the canvas's size; ``rim`` is its outline's colour."""
        points = 2 * self.at(points)
        if isinstance(fill, Image.Image):
            low, high = np.floor(points.min(0)).astype(int).tolist(), np.ceil(points.max(0)).astype(int).tolist()
            mask = Image.new("L", (high[0] - low[0], high[1] - low[1]))
            ImageDraw.Draw(mask).polygon((points - low).ravel().tolist(), fill=255)
            self.image.paste(fill.crop((*low, *high)), tuple(low), mask)
        else:
            self.draw.polygon(points.ravel().tolist(), fill=fill)
        if rim:
            self.draw.line([*points.ravel().tolist(), *points[0].tolist()], fill=rim, width=3)

    def oval(self, x, y, rx, ry, fill, rim=None):
        """Fill an ellipse centred on (x, y)."""
        a = np.linspace(0, 2 * np.pi, 28, endpoint=False)
        self.shape(np.stack([x + rx * np.cos(a), y + ry * np.sin(a)], 1), fill, rim)

    def line(self, points, fill, width=1.0):
        """Draw an open line."""
        points, width = 2 * self.at(points), max(1, round(2 * width * self.scale))
        self.draw.line(points.ravel().tolist(), fill=fill, width=width, joint="curve")

    def limb(self, joints, radii, fill, rim=None):
        """Draw round-ended, tapering segments from joint to joint."""
        joints = np.asarray(joints, float)
        for a, b, ra, rb in zip(joints[:-1], joints[1:], radii[:-1], radii[1:], strict=True):
            t = np.arctan2(b[1] - a[1], b[0] - a[0]) + np.linspace(np.pi / 2, 3 * np.pi / 2, 9)
            arc = np.stack([np.cos(t), np.sin(t)], 1)
            self.shape(np.concatenate([a + ra * arc, b - rb * arc]), fill, rim)

    def jpeg(self, rng, light, slope):
        """Return the picture as JPEG bytes, lit by a gain per channel and a slope per axis, with sensor noise."""
        pixels = np.asarray(self.image.reduce(2), np.float32)
        high, wide = pixels.shape[:2]
        fall = 1 + slope[0] * np.linspace(-0.5, 0.5, wide) + slope[1] * np.linspace(-0.5, 0.5, high)[:, None]
        pixels = pixels * (fall[..., None] * light).astype(np.float32) + rng.integers(-9, 10, pixels.shape, np.int8)
        out = io.BytesIO()
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=88)
        return out.getvalue()


def dim(colour, by):
    """Return a colour made darker (``by`` below 1) or lighter."""
    return tuple(int(min(255, c * by)) for c in colour)


def pick(rng, items):
    """Return one of the items, drawn evenly."""
    return items[rng.integers(len(items))]


def colour(rng, low=30, high=220, vivid=35):
    """Return a random colour about a grey of ``low`` to ``high``; ``vivid`` is how far its channels stray from it."""
    return tuple(int(c) for c in (rng.uniform(low, high) + rng.normal(0, vivid, 3)).clip(8, 245))


def texture(rng, size, one, two, kinds):
    """Return a canvas-sized image of two colours: mottled, striped, patched or (if ``kinds`` is 4) checked."""
    x, y = np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32)[:, None]
    rough = Image.fromarray(rng.random((7, 9), np.float32)).resize(size, Image.Resampling.BICUBIC)
    rough, pitch, turn, kind = np.asarray(rough), rng.uniform(7, 20), rng.uniform(0, np.pi), rng.integers(kinds)
    waves = np.sin((x * np.cos(turn) + y * np.sin(turn)) * 2 * np.pi / pitch + 5 * rough)
    checks = ((x % pitch < pitch / 3) * 2 + (y % pitch < pitch / 3)) / 3
    mix = (rough / 4, waves > 0.3, rough > rng.uniform(0.4, 0.7), checks)[kind]
    mix = np.float32(mix + rng.normal(0, 0.06, mix.shape))[..., None]
    pixels = (np.float32(one) + np.float32(np.subtract(two, one)) * mix).clip(0, 255).astype(np.uint8)
    return Image.fromarray(pixels).resize((2 * size[0], 2 * size[1]), Image.Resampling.NEAREST)
