"""Train one member of a recipe on the trunk's features."""

from adapter import member

from headstart import examples, runtime
from headstart.stage import stage


def main(*, rows, start, manifest, split, classes, fold, recipe, seed, threads, **output):
    """Train dense layers on the features of ``rows`` (``{published part: HDF5 file}``).

    ``start`` is the trained model that they start from, changed by the recipe's surgery, or empty. ``output`` is where
    results and progress go; see `training.train_member`.
    """
    runtime.prepare(threads=threads, seed=seed, precision=recipe["precision"])
    from headstart import models, networks, surgery, training

    train, validation, test = examples.load(rows, manifest, split, classes, fold)
    if start:
        model = surgery.operate(models.load(start), train.inputs, **recipe["surgery"])
    else:
        model = networks.classifier(train.inputs.shape[1:], len(classes), **recipe["network"])
    training.train_member(
        model, train, validation, test, classes=classes, schedule=recipe["schedule"], seed=seed, **output
    )


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal:
        main(**member(snakemake), start=snakemake.input.start, terminal=terminal)
