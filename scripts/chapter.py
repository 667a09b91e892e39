"""Gather what the report says of one dataset."""

from pathlib import Path

from headstart import copies, manifests, predictions
from headstart.files import read_json, write_json
from headstart.report import leaderboard, page, ranking
from headstart.report.advice import following
from headstart.stage import stage

FIGURES = ("learning", "calibration", "confusion", "split")


def main(
    *,
    target,
    name,
    show,
    recipes,
    random,
    lecture,
    metrics,
    ensembles,
    models,
    verdicts,
    figures,
    gallery,
    layers,
    previews,
    manifest,
    audit,
):
    """Write what the page says of one dataset to ``target``, JSON.

    ``recipes`` is ``{name: recipe}``, ``random`` names those that split at random, ``figures`` is ``{figure: SVG}``,
    ``lecture`` ``{recipe: what it has}``, ``audit`` the path of an audit or None; the others are paths, or lists of
    those. ``ensembles`` are the averaged predictions, ``<recipe>/predictions.h5``.
    """
    rows = leaderboard.rows(metrics, models, lecture)
    folder = Path(metrics[0]).parent
    for row in rows:
        row["story"] = leaderboard.story(folder / f"{row['recipe']}.provenance.json")
        row["settings"] = leaderboard.settings(recipes[row["recipe"]])
    curves = []
    for path in verdicts:
        recipe, verdict = Path(path).stem, Path(path).read_text(encoding="utf-8").strip()
        curves.append({"recipe": recipe, "verdict": verdict, "advice": following(verdict, recipes[recipe])})
    shown = read_json(folder / f"{show}.json", ("classes", "diverged", "parts"))
    part = shown["parts"].get("test") or shown["parts"]["validation"]
    images = manifests.read(manifest)
    rights = {
        Path(path).parent.name: ranking.right(predictions.reported(predictions.read(path)[0])) for path in ensembles
    }
    note = read_json(metrics[0], ("note",))["note"]
    grouped = (images["group"] != "").any()
    content = {
        "name": name,
        "show": show,
        "notes": [f"{said[0].upper()}{said[1:]}." for said in (note, *copies.notes(images)) if said],
        "sets": ranking.sets(rows, rights, images.set_index("id"), random),
        "unit": "group" if grouped else "class",
        "curves": curves,
        "gallery": read_json(gallery, ("part", "images", "kinds")),
        "layers": read_json(layers),
        "previews": [
            {"recipe": Path(path).stem, "image": page.picture(path), "said": _said(recipes[Path(path).stem])}
            for path in previews
        ],
        "confused": _confused(part, shown["classes"])
        if not shown["diverged"]
        else f"No figure: diverged, {shown['diverged']}.",
        "audit": read_json(audit, ("sentence",))["sentence"] if audit else None,
        **{figure: page.picture(path) for figure, path in figures.items()},
    }
    write_json(target, content)


def _said(recipe):
    """In words, what a recipe's augmentation is."""
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in recipe["augmentation"].items() if value)


def _confused(part, classes):
    """In words, which classes are taken for which most often."""
    said = ", ".join(f"{classes[true]} as {classes[taken]} ({count})" for true, taken, count in part["mistakes"])
    right = round(part["accuracy"] * part["images"])
    return f"{right:,} of {part['images']:,} right; most often wrong: {said or 'none'}."


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        given = snakemake.input
        main(
            target=snakemake.output[0],
            name=snakemake.wildcards.dataset,
            show=snakemake.params.show,
            recipes=snakemake.params.recipes,
            random=snakemake.params.random,
            lecture=snakemake.params.lecture,
            metrics=given.metrics,
            ensembles=given.ensembles,
            models=given.models,
            verdicts=given.verdicts,
            figures={name: given[name] for name in FIGURES if given.get(name)},
            gallery=given.gallery,
            layers=given.layers,
            previews=given.previews,
            manifest=given.manifest,
            audit=given.audit[0] if given.audit else None,
        )
