"""Train one member of a recipe on the trunk's features."""

from headstart import examples, runtime
from headstart.stage import stage


def main(*, rows, manifest, split, outputs, classes, recipe, seed, threads, terminal, title):
    """Train dense layers on the features of ``rows`` (``{published part: HDF5 file}``) and write ``outputs``."""
    runtime.prepare(threads=threads, seed=seed, precision=recipe["precision"])
    from headstart import networks, training

    train, held_out = examples.parts(rows, manifest, split, classes)
    model = networks.classifier(train.inputs.shape[1:], len(classes), **recipe["network"])
    model.summary(print_fn=print)
    training.train_member(
        model,
        train,
        held_out,
        classes=classes,
        schedule=recipe["schedule"],
        seed=seed,
        outputs=outputs,
        terminal=terminal,
        title=title,
    )


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal:
        main(
            rows={part: path for part, path in snakemake.input.items() if part in ("train", "test")},
            manifest=snakemake.input.manifest,
            split=snakemake.input.split,
            outputs=dict(snakemake.output.items()),
            classes=snakemake.params.classes,
            recipe=snakemake.params.recipe,
            seed=runtime.seed_of(snakemake.params.seed, *snakemake.wildcards),
            threads=snakemake.params.threads,
            terminal=terminal,
            title=" ".join(snakemake.wildcards),
        )
