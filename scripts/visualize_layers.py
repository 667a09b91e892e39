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
CHANNELS, FILTERS, EXAMPLES, WRONG = 8, 6, 5, 8


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
    model, content = network(size), {"image": gallery.thumbnail(sample[0]), "layers": [], "filters": []}
    names = layers.chosen(layers.convolutions(model))
    for name in names:
        first = layers.activations(model, name, sample[:1], prepare)[0]
        order = np.argsort(-first.mean(axis=(0, 1)), kind="stable")[:CHANNELS]
        pictures = [gallery.thumbnail(layers.grey(first[:, :, channel])) for channel in order]
        content["layers"].append({"layer": name, "images": pictures})
    for name in names[-1:]:
        values = layers.activations(model, name, sample, prepare)
        channels = layers.strongest(values, FILTERS)
        side = min(size, layers.PIXELS)
        shape = (side, side, 3) if weights else sample.shape[1:]
        dreams = layers.ascend(network(side), name, channels, np.random.default_rng(seed), shape, prepare)
        for channel, dream in zip(channels, dreams, strict=True):
            best = np.argsort(-values[:, :, :, channel].max(axis=(1, 2)), kind="stable")[:EXAMPLES]
            pictures = [{"id": ids[row], "image": gallery.thumbnail(sample[row])} for row in best]
            name_of = f"{name}, channel {channel}"
            content["filters"].append({"filter": name_of, "ascent": gallery.thumbnail(dream), "images": pictures})
    mistakes = found["kinds"]["wrong, and most certain"][:WRONG]
    content["mistakes"] = []
    for path, made in zip(models, members, strict=True) if models else []:
        parts, classes = predictions.read(made)
        known = set(parts[found["part"]].ids) if found["part"] in parts else set()
        own = [picture for picture in mistakes if picture["id"] in known]
        mistakes = [picture for picture in mistakes if picture not in own]
        if not own:
            continue
        names = [picture["id"] for picture in own]
        numbers = [classes.index(picture["predicted"]) for picture in own]
        maps = layers.grad_cam(saved.load(path), hdf5.read_rows(seen[published], names), numbers)
        for picture, heat, values in zip(own, maps, hdf5.read_rows(pixels[published], names), strict=True):
            content["mistakes"].append(picture | {"heat": gallery.thumbnail(layers.overlaid(values, heat))})
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
