"""Select pictures that a recipe gets right and wrong."""

import numpy as np

from headstart.core.files import write_json
from headstart.core.seeds import seed_of
from headstart.core.stage import stage
from headstart.formats import hdf5, predictions
from headstart.report import gallery


def main(*, source, rows, target, seed):
    """Write thumbnails with probabilities to ``target``, JSON ``{part, kinds: {kind: [picture]}}``; see `gallery`.

    ``source`` is the averaged predictions, ``rows`` the pixels ``{published part: HDF5 file}``.
    """
    parts, classes = predictions.read(source)
    part = predictions.reported(parts)
    name = next(name for name, found in parts.items() if found is part)
    pixels = rows["test" if name == "test" else "train"]
    kinds = {}
    for kind, chosen in gallery.choose(part, classes, np.random.default_rng(seed)).items():
        pictures = gallery.told(part, classes, chosen)
        values = hdf5.read_rows(pixels, [picture["id"] for picture in pictures])
        kinds[kind] = [
            picture | {"image": gallery.thumbnail(value)} for picture, value in zip(pictures, values, strict=True)
        ]
    write_json(target, {"part": name, "images": len(part.ids), "kinds": kinds})


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        main(
            source=snakemake.input.predictions,
            rows={part: path for part, path in snakemake.input.items() if part in ("train", "test")},
            target=snakemake.output[0],
            seed=seed_of(snakemake.params.seed, snakemake.wildcards.dataset, snakemake.wildcards.recipe, "gallery"),
        )
