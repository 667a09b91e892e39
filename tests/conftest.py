"""A tiny world: generated weights and digits in a mirror folder, and a config that runs the whole graph on them."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import settings
from running import ROOT, snakemake

settings.register_profile("repeatable", derandomize=True, deadline=None)  # a failure is the same on every machine
settings.load_profile("repeatable")
DIGITS = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "t10k": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


@dataclass(frozen=True)
class World:
    """Where a tiny run lives, and how to run Snakemake in it."""

    folder: Path
    config: Path

    def snakemake(self, *arguments):
        """Run Snakemake on the tiny config; return the finished process, its output as one text."""
        # A proxy of the machine's must not answer for 127.0.0.1.
        direct = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        return snakemake(self.folder, "--cores", "2", "--configfile", self.config, *arguments, **direct)


def idx(array):
    """The bytes of an IDX file that holds a uint8 array."""
    sizes = b"".join(int(size).to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes()


def write_digits(folder):
    """Write gzipped IDX files of digits that a linear model tells apart; return the SHA-256 of each one's content."""
    rng = np.random.default_rng(0)
    digests = {}
    for part, count in (("train", 240), ("t10k", 40)):
        labels = np.arange(count) % 10
        images = rng.integers(0, 60, (count, 28, 28))
        for image, label in zip(images, labels, strict=True):
            image[4:24, 2 * label + 3 : 2 * label + 6] += 180
        for name, array in zip(DIGITS[part], (images, labels), strict=True):
            content = idx(array)
            Path(folder, f"{name}.gz").write_bytes(gzip.compress(content))
            digests[f"{name}.gz"] = hashlib.sha256(content).hexdigest()
    return digests


def write_weights(path):
    """Write generated weights of VGG16's convolutions (He et al., arXiv:1502.01852); return their digest."""
    from headstart import weights

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


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A `World` whose config is the default one at its smallest, with a mirror for all that is not rendered."""
    folder = tmp_path_factory.mktemp("tiny world")
    for name in ("mnist", "vgg16"):
        (folder / "mirror" / name).mkdir(parents=True)
    weights = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
    config = yaml.safe_load((ROOT / "tests" / "tiny.yaml").read_text())
    config["mirror"] = "mirror"
    config["downloads"] = {
        "mnist": {name: {"sha256": digest} for name, digest in write_digits(folder / "mirror" / "mnist").items()},
        "vgg16": {weights: {"sha256": write_weights(folder / "mirror" / "vgg16" / weights)}},
    }
    path = folder / "tiny.yaml"
    path.write_text(yaml.safe_dump(config))
    return World(folder, path)
