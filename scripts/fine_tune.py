"""Train one member of a recipe on trunk and head together, from a certain depth on."""

from headstart import examples, runtime
from headstart.stage import stage


def main(
    *, rows, pixels, weights, start, manifest, split, outputs, classes, recipe, seed, size, threads, terminal, title
):
    """Train the layers above the recipe's cut and write ``outputs``.

    What lies below the cut is frozen. Without augmentation its output is the cached features ``rows`` (``{published
    part: HDF5 file}``); with augmentation it runs over the augmented ``pixels`` of every batch. Validation and test are
    never augmented, so for them the cached features serve in both cases. ``start`` is the trained model that the head
    starts from, or empty.
    """
    runtime.prepare(threads=threads, seed=seed, precision=recipe["precision"])
    from headstart import augmentation, models, networks, training, trunk

    cut, settings = recipe["cut"], recipe["augmentation"]
    cached, held_out = examples.parts(rows, manifest, split, classes)
    layers = trunk.above(weights, size, cut)
    shape = cached.inputs.shape[1:]
    if start:
        model = networks.stack(shape, layers, models.load(start))
    else:
        model = networks.classifier(shape, len(classes), **recipe["network"], before=layers)
    model.summary(print_fn=print, expand_nested=True)
    train, transform = cached, None
    if settings:
        train = examples.load(pixels, manifest, split, "train", classes)
        frozen = trunk.below(weights, size, cut)

        def transform(images, seed):
            return frozen.predict_on_batch(augmentation.augment(images, seed, **settings))

    training.train_member(
        model,
        train,
        held_out,
        classes=classes,
        schedule=recipe["schedule"],
        seed=seed,
        transform=transform,
        outputs=outputs,
        terminal=terminal,
        title=title,
    )


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal:
        main(
            rows={part: path for part, path in snakemake.input.items() if part in ("train", "test")},
            pixels=snakemake.input.pixels,
            weights=snakemake.input.weights,
            start=snakemake.input.start,
            manifest=snakemake.input.manifest,
            split=snakemake.input.split,
            outputs=dict(snakemake.output.items()),
            classes=snakemake.params.classes,
            recipe=snakemake.params.recipe,
            seed=runtime.seed_of(snakemake.params.seed, *snakemake.wildcards),
            size=snakemake.params.size,
            threads=snakemake.params.threads,
            terminal=terminal,
            title=" ".join(snakemake.wildcards),
        )
