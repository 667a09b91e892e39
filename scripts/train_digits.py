"""Train one member of a recipe on pixels, from random weights."""

from functools import partial

from training_job import member, recorded

from headstart import examples, runtime
from headstart.stage import stage


def main(*, rows, manifest, split, classes, fold, recipe, seed, threads, **output):
    """Train on the pixels of ``rows`` (``{published part: HDF5 file}``).

    Inputs are brought to mean 0 and standard deviation 1 of the training images, inside the model. ``output`` is where
    results and progress go; see `training.train_member`.
    """
    runtime.prepare(threads=threads, seed=seed, precision=recipe["precision"])
    from headstart import augmentation, networks, training

    train, validation, test = examples.load(rows, manifest, split, classes, fold)
    normalisation = float(train.inputs.mean(dtype="float64")), float(train.inputs.var(dtype="float64"))
    model = networks.classifier(train.inputs.shape[1:], len(classes), **recipe["network"], normalisation=normalisation)
    settings = recipe["augmentation"]
    training.train_member(
        model,
        train,
        validation,
        test,
        classes=classes,
        schedule=recipe["schedule"],
        seed=seed,
        transform=partial(augmentation.augment, **settings) if settings else None,
        **output,
    )


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal, recorded(snakemake) as identity:
        main(**member(snakemake), identity=identity, terminal=terminal)
