"""Visualise a recipe's network: what its layers see, and the evidence for its mistakes."""

import numpy as np

from headstart.core import runtime
from headstart.core.files import read_json, write_json
from headstart.core.seeds import seed_of
from headstart.core.stage import stage
from headstart.formats import hdf5, predictions
from headstart.formats.weights import verify
from headstart.report import gallery

SAMPLE = 160  # images searched for the ones that excite a filter most


def main(*, pixels, seen, models, members, shown, weights, expected, target, size, threads, seed):
    """Write what layers see to ``target``, JSON with pictures (`gallery.thumbnail`).

    ``pixels`` and ``seen`` are ``{published part: HDF5 file}``: ``pixels`` for people, ``seen`` for the recipe's own
    network. ``models`` and ``members`` list the members' models and predictions. ``shown`` are the selected examples,
    whose mistakes are explained. ``weights`` are the backbone's, empty where the recipe has none. Raises `InputError`
    where they are not ``expected`` (`digests.expected`).
    """
    if weights:
        verify(weights, expected)
    runtime.prepare(threads=threads, seed=seed)
    import keras

    from headstart.features import backbone
    from headstart.report import layers
    from headstart.training import models as saved

    found = read_json(shown, ("part", "kinds"))
    published = "test" if found["part"] == "test" else "train"
    ids = predictions.read(members[0])[0][found["part"]].ids[:SAMPLE]
    sample = hdf5.read_rows(pixels[published], ids)

    def network(side):
        return backbone.vgg16(weights, side) if weights else saved.load(models[0])

    prepare = keras.applications.vgg16.preprocess_input if weights else (lambda images: images)
    model, rng = network(size), np.random.default_rng(seed)
    names = layers.chosen(layers.convolutions(model))
    side = min(size, layers.PIXELS)
    shape = (side, side, 3) if weights else sample.shape[1:]
    content = {
        "image": gallery.thumbnail(sample[0]),
        "layers": layers.strongest_maps(model, names, sample[0], prepare),
        "filters": layers.filters(model, network(side), names[-1], ids, sample, prepare, rng, shape) if names else [],
        "mistakes": layers.explain(
            found["kinds"]["wrong, and most certain"],
            part=found["part"],
            models=models,
            members=members,
            inputs=seen[published],
            pixels=pixels[published],
        ),
    }
    write_json(target, content)


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        given = dict(snakemake.input.items())
        main(
            pixels={part: given[part] for part in ("train", "test") if part in given},
            seen={part: given[f"network_{part}"] for part in ("train", "test") if part in given},
            models=snakemake.input.models,
            members=snakemake.input.members,
            shown=snakemake.input.examples,
            weights=snakemake.input.weights,
            target=snakemake.output[0],
            size=snakemake.params.size,
            expected=snakemake.params.expected,
            threads=snakemake.threads,
            seed=seed_of(snakemake.params.seed, snakemake.wildcards.dataset, snakemake.wildcards.recipe, "layers"),
        )
