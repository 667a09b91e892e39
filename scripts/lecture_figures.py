"""Compute the lecture's small systems, and draw them."""

import numpy as np

from headstart.core import runtime
from headstart.core.files import atomic
from headstart.core.seeds import seed_of
from headstart.core.stage import stage
from headstart.data import images, manifests
from headstart.report import lecture, svg

SIDE = 28
CLASSES = ["cat", "dog", "plane", "fish", "building"]


def main(*, root, manifest, targets, csv, background, seed):
    """Draw the systems of `lecture` to ``targets``, ``{system: path}``, and write VGG16's layers to ``csv``.

    Filters are slid over the first usable picture of a ``manifest`` below ``root``, in grey, 28 × 28 on ``background``.
    """
    runtime.prepare(threads=1)
    import keras

    path = manifests.usable(manifests.read(manifest), "train")["path"].iloc[0]
    digit = images.read(root, path, (SIDE, SIDE, 1), background)[:, :, 0] / 255
    layers = lecture.layer_table(keras.applications.VGG16(weights=None))
    with atomic(csv) as temporary:
        layers.to_csv(temporary, index=False, lineterminator="\n")
    svg.save(targets["edges"], lecture.edges(digit))
    svg.save(targets["pooling"], lecture.pooling(digit))
    svg.save(targets["softmax"], lecture.softmaxed(np.random.default_rng(seed).normal(0, 2, len(CLASSES)), CLASSES))
    svg.save(targets["descent"], lecture.line(*lecture.descent(np.random.default_rng(seed))))
    svg.save(targets["matrix"], lecture.convolution_as_matrix(digit))
    svg.save(targets["vgg16"], lecture.costs(layers))


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        main(
            root=snakemake.params.own or snakemake.input.images,
            manifest=snakemake.input.manifest,
            targets={name: path for name, path in snakemake.output.items() if name != "csv"},
            csv=snakemake.output.csv,
            background=snakemake.params.background,
            seed=seed_of(snakemake.params.seed, "systems"),
        )
