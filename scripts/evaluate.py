"""Measure a recipe's members and their ensemble."""

import json

from adapter import recorded

from headstart import metrics, predictions, provenance
from headstart.files import atomic
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
    with atomic(target) as temporary:
        temporary.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def keep(config, target):
    """Write the config of this run to ``target``, so that --configfile makes the same again."""
    with atomic(target) as temporary:
        temporary.write_text(json.dumps(provenance.public(config), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    with stage(snakemake.log[0]), recorded(snakemake):
        keep(snakemake.config, snakemake.output.config)
        main(
            members=snakemake.input.members,
            ensemble=snakemake.input.ensemble,
            target=snakemake.output.metrics,
            dataset=snakemake.wildcards.dataset,
            recipe=snakemake.wildcards.recipe,
            note=snakemake.params.note,
        )
