"""A copy of the project with a tiny config and a mirror: small enough to run the whole graph."""

import gzip
import hashlib
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from PIL import Image
from reproduce import digests
from running import ROOT, snakemake, started
from small_config import changed

from headstart.formats import weights

PROJECT = ("Snakefile", "config", "profiles", "scripts", "workflow")
WEIGHTS = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
DIGITS = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "t10k": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}

FLOWERS = {"folder": "my {own} pictures, 100 % #1", "classes": ["daisy", "tulip"], "recipes": ["head"]}


@dataclass(frozen=True)
class World:
    """Where a tiny run lives, and how to run Snakemake in it; on the project's own workflow where there is no copy."""

    folder: Path
    config: Path

    @property
    def results(self):
        """The folder of everything that is made."""
        return self.folder / "results"

    def snakemake(self, *arguments, **environment):
        """Run Snakemake on the tiny config; return the finished process, its output as one text."""
        return snakemake(self.folder, *self._arguments(*arguments), **environment)

    def start(self, *arguments, **environment):
        """Start Snakemake on the tiny config; its output goes to printed.txt, since a full pipe would stop it."""
        command, settings = started(self.folder, *self._arguments(*arguments), **environment)
        with open(self.folder / "printed.txt", "w") as file:
            return subprocess.Popen(command, **settings, stdout=file, stderr=subprocess.STDOUT)

    def _arguments(self, *arguments):
        return "--cores", "2", "--configfile", self.config, *arguments

    def digests(self):
        """Return ``{path below results: SHA-256}`` of what was made; see `reproduce.digests`."""
        return digests(self.results)

    def configured(self, **changes):
        """Return this world under a changed config: ``configured(**{"datasets/mnist/limit": {"train": 9}})``."""
        config = changed(yaml.safe_load(self.config.read_text(encoding="utf-8")), changes)
        target = self.folder / "changed.yaml"
        target.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
        return World(self.folder, target)


def copy_project(folder):
    """Copy what runs, without results, into ``folder``, with new times, as git does it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in PROJECT:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(ROOT / name, folder / name)


def make(folder):
    """Return a `World` in ``folder``: the default config at its smallest, a mirror for all that is not rendered."""
    copy_project(folder)
    for name in ("mnist", "vgg16"):
        (folder / "mirror" / name).mkdir(parents=True)
    config = yaml.safe_load((ROOT / "tests" / "tiny.yaml").read_text(encoding="utf-8"))
    config["mirror"] = "mirror"
    config["downloads"] = {
        "mnist": {name: {"sha256": digest} for name, digest in write_digits(folder / "mirror" / "mnist").items()},
        "vgg16": {WEIGHTS: {"sha256": write_weights(folder / "mirror" / "vgg16" / WEIGHTS)}},
    }
    path = folder / "tiny.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return World(folder, path)


def fresh(world, folder):
    """Return a `World` like another in ``folder``, where nothing has been run; its mirror may be spoilt."""
    copy_project(folder)
    shutil.copytree(world.folder / "mirror", folder / "mirror")
    shutil.copyfile(world.config, folder / "tiny.yaml")
    return World(folder, folder / "tiny.yaml")


def draw_flowers(folder):
    """Draw forty pictures of flowers into class folders, red daisies and blue tulips, and list.csv of their gardens.

    All are dated ahead, as a camera with a wrong clock dates them.
    """
    rng, rows = np.random.default_rng(0), []
    for number in range(40):
        label = FLOWERS["classes"][number % 2]
        path = folder / label / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 60, (40, 50, 3)) + [[[150, 0, 0], [0, 0, 150]][number % 2]]
        Image.fromarray(pixels.astype(np.uint8)).save(path)
        rows.append({"path": f"{label}/{number}.png", "kind": label, "garden": f"g{number // 2 % 5}"})
    pd.DataFrame(rows).to_csv(folder / "list.csv", index=False)
    for path in [folder, *folder.rglob("*")]:
        os.utime(path, (time.time() + 200_000,) * 2)


def idx(array):
    """The bytes of an IDX file that holds a uint8 array."""
    sizes = b"".join(int(size).to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes()


def write_digits(folder):
    """Write gzipped IDX files of digits that a linear model tells apart; return the SHA-256 of each one's content."""
    rng = np.random.default_rng(0)
    found = {}
    for part, count in (("train", 240), ("t10k", 40)):
        labels = np.arange(count) % 10
        images = rng.integers(0, 60, (count, 28, 28))
        for image, label in zip(images, labels, strict=True):
            image[4:24, 2 * label + 3 : 2 * label + 6] += 180
        for name, array in zip(DIGITS[part], (images, labels), strict=True):
            content = idx(array)
            Path(folder, f"{name}.gz").write_bytes(gzip.compress(content))
            found[f"{name}.gz"] = hashlib.sha256(content).hexdigest()
    return found


def write_weights(path):
    """Write generated weights of VGG16's convolutions (He et al., arXiv:1502.01852); return their digest."""
    rng = np.random.default_rng(0)
    widths = {1: 64, 2: 128, 3: 256, 4: 512, 5: 512}
    layers, channels = {}, 3
    for layer in weights.CONVOLUTIONS:
        filters = widths[int(layer[5])]
        kernel = rng.normal(0, np.sqrt(2 / (9 * channels)), (3, 3, channels, filters)).astype(np.float32)
        layers[layer] = [kernel, np.zeros(filters, np.float32)]
        channels = filters
    weights.write(path, layers)
    return weights.digest(path)
