"""Measure a recipe's members and their ensemble."""

from adapter import recorded

from headstart import manifests, metrics, predictions, provenance
from headstart.files import write_json
from headstart.stage import stage


def main(*, members, ensemble, manifest, target, dataset, recipe, note):
    """Write the metrics of every labelled part to ``target`` as JSON, of the ensemble and of each member.

    Those of the ensemble have bootstrapped intervals too, over the manifest's groups where an image of the part has
    one. ``diverged`` says which training diverged, so that no figure is a result, or is null.
    """
    group = manifests.read(manifest).set_index("id")["group"]

    def measured(path):
        parts, classes = predictions.read(path)
        return {name: metrics.evaluate(part, classes) for name, part in parts.items() if part.labels is not None}

    whole = measured(ensemble)
    for name, part in predictions.read(ensemble)[0].items():
        if name in whole:
            groups = group.loc[part.ids]
            whole[name] |= metrics.resampled(part, groups if groups.any() else part.ids)
            whole[name]["groups"] = int(groups[groups != ""].nunique())
    found = {
        "dataset": dataset,
        "recipe": recipe,
        "note": note,
        "classes": predictions.read(ensemble)[1],
        "diverged": predictions.reported(predictions.read(ensemble)[0]).diverged,
        "parts": whole,
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
            manifest=snakemake.input.manifest,
            target=snakemake.output.metrics,
            dataset=snakemake.wildcards.dataset,
            recipe=snakemake.wildcards.recipe,
            note=snakemake.params.note,
        )
