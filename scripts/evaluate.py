"""Measure a recipe's members and their ensemble."""

from adapter import recorded

from headstart import metrics, predictions, provenance
from headstart.files import write_json
from headstart.stage import stage


def main(*, members, ensemble, target, dataset, recipe, note):
    """Write the metrics of every labelled part to ``target`` as JSON, of the ensemble and of each member."""

    def measured(path):
        parts, classes = predictions.read(path)
        return {name: metrics.evaluate(part, classes) for name, part in parts.items() if part.labels is not None}

    found = {
        "dataset": dataset,
        "recipe": recipe,
        "note": note,
        "classes": predictions.read(ensemble)[1],
        "parts": measured(ensemble),
        "members": [measured(member) for member in members],
    }
    write_json(target, found)


if __name__ == "__main__":
    with stage(snakemake.log[0]), recorded(snakemake):
        # For --configfile: it makes the same again.
        write_json(snakemake.output.config, provenance.public(snakemake.config))
        main(
            members=snakemake.input.members,
            ensemble=snakemake.input.ensemble,
            target=snakemake.output.metrics,
            dataset=snakemake.wildcards.dataset,
            recipe=snakemake.wildcards.recipe,
            note=snakemake.params.note,
        )
