"""Run the trunk once over the pixels of one shard and keep its output at the cut."""

import json

from adapter import recorded

from headstart import hdf5, runtime, shards, weights
from headstart.errors import InputError
from headstart.seeds import seed_of
from headstart.stage import stage


def main(
    *,
    pixels,
    table,
    shard,
    weights_file,
    expected,
    target,
    cut,
    size,
    batch,
    precision,
    threads,
    terminal,
    title,
    augmented=None,
):
    """Write the activations of VGG16 at layer ``cut`` for the rows of one shard to ``target`` (HDF5, float32).

    ``table`` says which rows of ``pixels`` these are. ``augmented`` is (settings, seed) of a random change of every
    image before, or None. The attributes say what made them: digest of the weights, cut, size and precision. Raises
    `InputError` where the shard's name is not that of its pixels, or the weights are not those that the config names
    (``expected``, see `digests.expected`).
    """
    weights.verify(weights_file, expected)
    runtime.prepare(threads=threads, precision=precision)
    from headstart import augmentation, trunk

    found = shards.read(table).set_index("shard")
    first, count = (int(found[column][shard]) for column in ("first", "images"))
    ids = hdf5.read_ids(pixels)[first : first + count]

    def images():
        name = shards.named(ids)
        for number, batch_of in enumerate(hdf5.read_batches(pixels, batch, first, count), 1):
            name.update(batch_of)
            if augmented:
                settings, seed = augmented
                batch_of = augmentation.augment(batch_of, [seed, number], **settings)
            yield batch_of.astype("float32")
        if not name.hexdigest().startswith(shard):
            raise InputError(f"{table}: not made from {pixels} as it is now; remove the table and run again")

    model = trunk.below(weights_file, size, cut)
    attrs = {
        "trunk": "vgg16",
        "weights_sha256": weights.digest(weights_file, cut),
        "cut": cut,
        "size": size,
        "precision": precision,
    }
    if augmented:
        attrs |= {"augmentation": json.dumps(augmented[0])}
    batches = map(model.predict_on_batch, images())
    hdf5.write_rows(target, ids, model.output_shape[1:], "float32", batches, attrs, terminal=terminal, title=title)


def _augmented(job):
    """What a job says of augmentation: None, or (settings, seed), every shard of a copy with a seed of its own."""
    settings, names = job.params.get("augmentation"), job.wildcards
    if not settings:
        return None
    return settings, seed_of(job.params.seed, names.dataset, names.recipe, "copy", names.number, names.shard)


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal, recorded(snakemake, apart=("pixels", "table")):
        names = snakemake.wildcards
        main(
            pixels=snakemake.input.pixels,
            table=snakemake.input.table,
            shard=names.shard,
            weights_file=snakemake.input.weights,
            target=snakemake.output[0],
            cut=names.cut,
            title=f"{names.dataset} {names.get('part') or names.recipe}",
            augmented=_augmented(snakemake),
            terminal=terminal,
            **{name: snakemake.params[name] for name in ("expected", "size", "batch", "precision", "threads")},
        )
