"""Measure a recipe's members and their ensemble."""

from snakemake_adapter.records import recorded

from headstart.core.files import write_json
from headstart.core.stage import stage
from headstart.data import manifests
from headstart.evaluation import metrics
from headstart.formats import predictions
from headstart.provenance import records


def main(*, members, ensemble, manifest, target, dataset, recipe, note):
    """Write the metrics of every labelled part to ``target`` as JSON, of the ensemble and of each member.

    Each part also has the accuracy of always predicting the commonest class of the manifest's train images.
    ``diverged`` says which training diverged, so that no figure is a result, or is null.
    """
    rows = manifests.read(manifest)
    images, labels = rows.set_index("id"), manifests.usable(rows, "train")["label"]

    parts, classes = predictions.read(ensemble)

    def measured(parts):
        return {
            name: {
                **metrics.evaluate(part, classes, images.loc[part.ids]),
                "majority": metrics.majority(part, classes, labels),
            }
            for name, part in parts.items()
            if part.labels is not None
        }

    found = {
        "dataset": dataset,
        "recipe": recipe,
        "note": note,
        "classes": classes,
        "diverged": predictions.reported(parts).diverged,
        "parts": measured(parts),
        "members": [measured(predictions.read(member)[0]) for member in members],
    }
    write_json(target, found)


if __name__ == "__main__":
    with stage(snakemake.log[0]), recorded(snakemake):
        # For --configfile: with this config, Snakemake makes the same again.
        write_json(snakemake.output.config, records.public(snakemake.config))
        main(
            members=snakemake.input.members,
            ensemble=snakemake.input.ensemble,
            manifest=snakemake.input.manifest,
            target=snakemake.output.metrics,
            dataset=snakemake.wildcards.dataset,
            recipe=snakemake.wildcards.recipe,
            note=snakemake.params.note,
        )
