"""Run the trunk once over the pixels of one part and keep its output at the cut."""

import json

from headstart import hdf5, runtime, weights
from headstart.stage import stage


def main(*, pixels, weights_file, target, cut, size, batch, precision, threads, terminal, title, augmented=None):
    """Write the activations of VGG16 at layer ``cut`` for all rows of ``pixels`` to ``target`` (HDF5, float32).

    ``augmented`` is (settings, seed) of a random change of every image before, or None. The attributes say what made
    them: digests of the weights, the manifest and the decoded pixels, cut, size and precision.
    """
    runtime.prepare(threads=threads, precision=precision)
    from headstart import augmentation, trunk

    def images():
        for number, batch_of in enumerate(hdf5.read_batches(pixels, batch), 1):
            if augmented:
                settings, seed = augmented
                batch_of = augmentation.augment(batch_of, [seed, number], **settings)
            yield batch_of.astype("float32")

    model = trunk.below(weights_file, size, cut)
    attrs = hdf5.read_attrs(pixels) | {
        "trunk": "vgg16",
        "weights_sha256": weights.digest(weights_file, cut),
        "cut": cut,
        "size": size,
        "precision": precision,
    }
    if augmented:
        attrs |= {"augmentation": json.dumps(augmented[0]), "augmentation_seed": augmented[1]}
    batches = map(model.predict_on_batch, images())
    ids = hdf5.read_ids(pixels)
    hdf5.write_rows(target, ids, model.output_shape[1:], "float32", batches, attrs, terminal=terminal, title=title)


def _augmented(job):
    """What a job says of augmentation: None, or (settings, seed), every copy with a seed of its own."""
    settings, names = job.params.get("augmentation"), job.wildcards
    if not settings:
        return None
    return settings, runtime.seed_of(job.params.seed, names.dataset, names.recipe, "copy", names.number)


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal:
        names = snakemake.wildcards
        main(
            pixels=snakemake.input.pixels,
            weights_file=snakemake.input.weights,
            target=snakemake.output[0],
            cut=names.cut,
            title=f"{names.dataset} {names.get('part') or names.recipe}",
            augmented=_augmented(snakemake),
            terminal=terminal,
            **{name: snakemake.params[name] for name in ("size", "batch", "precision", "threads")},
        )
