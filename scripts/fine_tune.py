"""Train one member of a recipe on trunk and head together, from a certain depth on."""

from training_job import member, recorded

from headstart import cuts, examples, runtime
from headstart.stage import stage
from headstart.weights import digest, verify


def main(
    *, rows, pixels, weights, expected, start, manifest, split, classes, fold, recipe, seed, size, threads, **output
):
    """Train the layers above the recipe's cut.

    What lies below the cut is frozen. Without augmentation its output is the cached features ``rows`` (``{published
    part: HDF5 file}``); with augmentation it runs over the augmented ``pixels`` of every batch. Validation and test are
    never augmented, so for them the cached features serve in both cases. ``start`` is the trained model that the head
    starts from, or empty. ``output`` is where results and progress go; see `training.train_member`.
    Raises `InputError` where ``weights`` are not ``expected`` (`digests.expected`).
    """
    verify(weights, expected)
    runtime.prepare(threads=threads, seed=seed, precision=recipe["precision"])
    from headstart import augmentation, models, networks, surgery, training, trunk

    cut, settings = recipe["cut"], recipe["augmentation"]
    made = {"cut": cut, "size": size, "weights_sha256": digest(weights, cut)}
    augmented = pixels if settings else None
    train, validation, test = examples.load(rows, manifest, split, classes, fold, train=augmented, made=made)
    layers = trunk.above(weights, size, cut, cuts.end(recipe["depth"]))
    shape = validation.inputs.shape[1:]
    if start:
        model = surgery.join(shape, [*layers, *surgery.chain(models.load(start))])
    else:
        model = networks.classifier(shape, len(classes), **recipe["network"], before=layers)
    transform = None
    if settings:
        frozen = trunk.below(weights, size, cut)

        def transform(images, seed):
            return frozen.predict_on_batch(augmentation.augment(images, seed, **settings))

    training.train_member(
        model,
        train,
        validation,
        test,
        classes=classes,
        schedule=recipe["schedule"],
        seed=seed,
        transform=transform,
        plain=examples.Stored(rows["train"], train.ids) if settings else None,
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
            expected=snakemake.params.expected,
            identity=identity,
            terminal=terminal,
        )
