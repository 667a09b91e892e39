"""Draw one image and eight augmented copies of it, to look at before anything trains on them."""

import numpy as np
from PIL import Image

from headstart.core import runtime
from headstart.core.files import atomic
from headstart.core.seeds import seed_of
from headstart.core.stage import stage
from headstart.data import images, manifests

COPIES, TILE, GAP = 8, 112, 4  # pixels


def main(*, root, manifest, target, shape, background, settings, seed):
    """Write the first usable train image of a ``manifest`` below ``root``, and copies of it, as a 3 × 3 PNG.

    ``shape`` is the recipe's input shape, on ``background``, ``settings`` its augmentation. The original comes first.
    """
    runtime.prepare(threads=1)
    from headstart.features import augmentation

    path = manifests.usable(manifests.read(manifest), "train")["path"].iloc[0]
    image = images.read(root, path, shape, background)
    copies = augmentation.augment(np.repeat(image[None], COPIES, axis=0).astype(np.float32), seed, **settings)
    side = 3 * (TILE + GAP) - GAP
    sheet = Image.new("RGBA", (side, side))
    for number, pixels in enumerate([image, *np.rint(copies).astype(np.uint8)]):
        tile = Image.fromarray(pixels[:, :, 0] if shape[2] == 1 else pixels)
        small = max(tile.size) < TILE
        tile = tile.resize((TILE, TILE), Image.Resampling.NEAREST if small else Image.Resampling.LANCZOS)
        sheet.paste(tile, ((number % 3) * (TILE + GAP), (number // 3) * (TILE + GAP)))
    with atomic(target) as temporary:
        sheet.save(temporary, "PNG", optimize=True)


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        main(
            root=snakemake.params.own or snakemake.input.images,
            manifest=snakemake.input.manifest,
            target=snakemake.output[0],
            shape=snakemake.params.shape,
            background=snakemake.params.background,
            settings=snakemake.params.augmentation,
            seed=seed_of(snakemake.params.seed, snakemake.wildcards.dataset, snakemake.wildcards.recipe, "preview"),
        )
