"""Train one member of a recipe on the backbone's features."""

from snakemake_adapter.training import member, recorded

from headstart.core import runtime
from headstart.core.stage import stage
from headstart.training import examples


def main(*, rows, copies, start, labels, manifest, split, classes, fold, recipe, seed, threads, **output):
    """Train dense layers on the features of ``rows`` (``{published part: HDF5 file}``).

    ``copies`` lists files with the features of augmented training images, which train too. ``start`` is the trained
    model that the layers start from, changed by the recipe's surgery, or empty. ``labels`` are the predictions that
    give pseudo-labels, or empty. ``output`` is where results and progress go; see `member.train_member`.
    """
    runtime.prepare(threads=threads, seed=seed, precision=recipe["precision"])
    from headstart.formats import predictions
    from headstart.training import member, models, networks, surgery

    train, validation, test = examples.load(
        rows, manifest, split, classes, fold, made={"feature_layer": recipe["feature_layer"]}
    )
    labelled, broken = train, None
    if copies:
        train = examples.with_copies(train, rows["train"], copies)
    if labels:
        asked = recipe["pseudo_labels"]
        most, confidence = round(asked["ratio"] * len(labelled.ids)), asked["confidence"]
        train = examples.with_pseudo_labels(train, rows["test"], labels, most=most, confidence=confidence, seed=seed)
        if words := predictions.read(labels)[0]["test"].diverged:
            broken = f"its pseudo-labels come from {labels}, which diverged: {words}"
    if start:
        broken = models.inherited(start) or broken
        chosen = member.measured(len(train.inputs), seed)
        model = surgery.operate(models.load(start), train.inputs, chosen, **recipe["surgery"])
    else:
        model = networks.classifier(train.inputs.shape[1:], len(classes), **recipe["network"])
    member.train_member(
        model,
        train,
        validation,
        test,
        classes=classes,
        schedule=recipe["schedule"],
        seed=seed,
        plain=None if train is labelled else labelled.inputs,
        diverged=broken,
        **output,
    )


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal, recorded(snakemake) as identity:
        more = {name: snakemake.input[name] for name in ("copies", "start", "labels")}
        main(**member(snakemake), **more, identity=identity, terminal=terminal)
