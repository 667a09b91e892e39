"""Train one member of a recipe on head and backbone together, above the feature layer."""

from snakemake_adapter.training import member, recorded

from headstart.config import backbones
from headstart.core import runtime
from headstart.core.stage import stage
from headstart.formats import hdf5
from headstart.formats.weights import digest, verify
from headstart.training import examples


def main(
    *,
    rows,
    pixels,
    weights,
    expected,
    start,
    manifest,
    split,
    classes,
    fold,
    recipe,
    seed,
    size,
    engine,
    threads,
    **output,
):
    """Train the layers above the recipe's feature layer.

    The layers below are frozen. Without augmentation their output is the cached features ``rows`` (``{published part:
    HDF5 file}``). With augmentation they run over the augmented ``pixels`` of every batch. Validation and test are
    never augmented, so for them the cached features serve in both cases. ``start`` is the trained model that the head
    starts from, or empty. ``output`` is where results and progress go; see `member.train_member`.
    Raises `InputError` where ``weights`` are not ``expected`` (`digests.expected`).
    """
    verify(weights, expected)
    runtime.prepare(threads=threads, seed=seed, precision=recipe["precision"])
    from headstart.features import augmentation, backbone, engines
    from headstart.training import member, models, networks, surgery

    feature_layer, settings = recipe["feature_layer"], recipe["augmentation"]
    made = {"feature_layer": feature_layer, "size": size, "weights_sha256": digest(weights, feature_layer)}
    augmented = pixels if settings else None
    train, validation, test = examples.load(rows, manifest, split, classes, fold, train=augmented, made=made)
    layers = backbone.above(weights, size, feature_layer, backbones.end(recipe["unfreeze_from"]))
    shape = validation.inputs.shape[1:]
    if start:
        model = surgery.join(shape, [*layers, *surgery.chain(models.load(start))])
    else:
        model = networks.classifier(shape, len(classes), **recipe["network"], before=layers)
    transform = None
    if settings:
        sample = train.inputs[: engines.SAMPLE]
        frozen = engines.load(weights, size, feature_layer, engine=engine, threads=threads, sample=sample)

        def transform(images, seed):
            return frozen.predict(augmentation.augment(images, seed, **settings))

    member.train_member(
        model,
        train,
        validation,
        test,
        classes=classes,
        schedule=recipe["schedule"],
        seed=seed,
        transform=transform,
        plain=examples.Stored(hdf5.Rows(rows["train"], train.ids)) if settings else None,
        diverged=models.inherited(start) if start else None,
        **output,
    )


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal, recorded(snakemake) as identity:
        main(
            **member(snakemake),
            pixels=snakemake.input.pixels,
            weights=snakemake.input.weights,
            start=snakemake.input.start,
            size=snakemake.params.size,
            engine=snakemake.params.engine,
            expected=snakemake.params.expected,
            identity=identity,
            terminal=terminal,
        )
