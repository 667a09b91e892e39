"""Run the backbone once over the pixels of one shard and keep the activations of one layer."""

import json

from snakemake_adapter.records import recorded

from headstart.core import runtime
from headstart.core.errors import InputError
from headstart.core.seeds import seed_of
from headstart.core.stage import stage
from headstart.features import shards
from headstart.formats import hdf5, weights

PARAMS = ("expected", "size", "batch", "precision", "engine", "threads")


def main(
    *,
    pixels,
    table,
    shard,
    weights_file,
    expected,
    target,
    feature_layer,
    size,
    batch,
    precision,
    engine,
    threads,
    terminal,
    title,
    augmented=None,
):
    """Write the activations of VGG16 at ``feature_layer`` for the rows of one shard to ``target``, as float32.

    ``table`` says which rows of ``pixels`` these are. ``augmented`` is (settings, seed) of the augmentation of every
    image, or None. The attributes say what made the activations: weights' digest, layer, size, precision and engine.
    Raises `InputError` where the shard's name is not that of its pixels. Raises it where the weights are not the
    config's (``expected``, see `digests.expected`).
    """
    weights.verify(weights_file, expected)
    runtime.prepare(threads=threads, precision=precision)
    from headstart.features import augmentation, engines

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
            raise InputError(
                f"{table}: shard {shard} does not match its rows in {pixels}. Remove the table and run again."
            )

    sample = next(hdf5.read_batches(pixels, engines.SAMPLE, first, min(engines.SAMPLE, count)))
    backbone = engines.load(weights_file, size, feature_layer, engine=engine, threads=threads, sample=sample)
    attrs = {
        "backbone": "vgg16",
        "weights_sha256": weights.digest(weights_file, feature_layer),
        "feature_layer": feature_layer,
        "size": size,
        "precision": precision,
        "engine": backbone.name,
    }
    if augmented:
        attrs |= {"augmentation": json.dumps(augmented[0])}
    batches = map(backbone.predict, images())
    options = {"terminal": terminal, "title": title, "compress": True}  # most activations behind a ReLU are 0
    hdf5.write_rows(target, ids, backbone.shape, "float32", batches, attrs, **options)


def _augmented(job):
    """Return a job's augmentation: None, or (settings, seed); every shard of a copy has a seed of its own."""
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
            feature_layer=names.feature_layer,
            title=f"{names.dataset} {names.get('part') or names.recipe}",
            augmented=_augmented(snakemake),
            terminal=terminal,
            **{name: snakemake.params[name] for name in PARAMS},
        )
