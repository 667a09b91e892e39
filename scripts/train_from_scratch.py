"""Train one member of a recipe on pixels, from random weights."""

from functools import partial

from snakemake_adapter.training import member, recorded

from headstart.core import runtime
from headstart.core.stage import stage
from headstart.training import examples


def main(*, rows, manifest, split, classes, fold, recipe, seed, threads, **output):
    """Train on the pixels of ``rows`` (``{published part: HDF5 file}``).

    The model brings its inputs to mean 0 and standard deviation 1 of the training images. ``output`` is where results
    and progress go; see `member.train_member`.
    """
    runtime.prepare(threads=threads, seed=seed, precision=recipe["precision"])
    from headstart.features import augmentation
    from headstart.training import member, networks

    train, validation, test = examples.load(rows, manifest, split, classes, fold)
    train = examples.held(train)
    normalisation = examples.mean_and_variance(train.inputs)
    model = networks.classifier(train.inputs.shape[1:], len(classes), **recipe["network"], normalisation=normalisation)
    settings = recipe["augmentation"]
    member.train_member(
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
