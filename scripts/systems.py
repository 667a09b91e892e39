"""Compute the lecture's small systems, and draw them."""

import numpy as np

from headstart import images, manifests, runtime
from headstart.files import atomic
from headstart.report import svg, systems
from headstart.seeds import seed_of
from headstart.stage import stage

SIDE = 28
CLASSES = ["cat", "dog", "plane", "fish", "building"]


def main(*, root, manifest, targets, csv, background, seed):
    """Draw `systems` to ``targets``, ``{system: path}``, and write VGG16's layers to ``csv``.

    Filters are slid over the first usable picture of a ``manifest`` below ``root``, in grey, 28 × 28 on ``background``.
    """
    runtime.prepare(threads=1)
    import keras

    path = manifests.usable(manifests.read(manifest), "train")["path"].iloc[0]
    digit = images.read(root, path, (SIDE, SIDE, 1), background)[:, :, 0] / 255
    layers = systems.layer_table(keras.applications.VGG16(weights=None))
    with atomic(csv) as temporary:
        layers.to_csv(temporary, index=False, lineterminator="\n")
    svg.save(targets["edges"], systems.edges(digit))
    svg.save(targets["pooling"], systems.pooling(digit))
    svg.save(targets["softmax"], systems.softmaxed(np.random.default_rng(seed).normal(0, 2, len(CLASSES)), CLASSES))
    svg.save(targets["descent"], systems.line(*systems.descent(np.random.default_rng(seed))))
    svg.save(targets["matrix"], systems.convolution_as_matrix(digit))
    svg.save(targets["vgg16"], systems.costs(layers))


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
