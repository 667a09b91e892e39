"""Collect the report's data of one dataset."""

from pathlib import Path

from headstart.core.files import read_json, write_json
from headstart.core.stage import stage
from headstart.data import duplicates, manifests
from headstart.formats import predictions
from headstart.report import leaderboard, overview, page, ranking
from headstart.report.advice import following

FIGURES = ("learning", "calibration", "confusion", "split")


def main(
    *,
    target,
    name,
    inspected,
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
    leakage,
):
    """Write the page's data of one dataset to ``target``, JSON.

    ``recipes`` is ``{name: recipe}``, ``random`` names the recipes that split at random. ``figures`` is ``{figure:
    SVG}``, ``lecture`` ``{recipe: the lecture's figures}``. ``leakage`` is the path of a leakage check or None. The
    others are paths, or lists of paths. ``ensembles`` are the averaged predictions, ``<recipe>/predictions.h5``.
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
    shown = read_json(folder / f"{inspected}.json", ("classes", "diverged", "parts"))
    part = shown["parts"].get("test") or shown["parts"]["validation"]
    images = manifests.read(manifest)
    rights = {
        Path(path).parent.name: ranking.right(predictions.reported(predictions.read(path)[0])) for path in ensembles
    }
    sets = ranking.sets(rows, rights, images.set_index("id"), random)
    note = read_json(metrics[0], ("note",))["note"]
    leak = read_json(leakage, ("sentence", "recipe", "accuracy")) if leakage else None
    grouped = (images["group"] != "").any()
    content = {
        "name": name,
        "inspected": inspected,
        "overview": overview.summarise(sets, curves, note, duplicates.notes(images), leak),
        "sets": sets,
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
        "audit": leak["sentence"] if leak else None,
        **{figure: page.picture(path) for figure, path in figures.items()},
    }
    write_json(target, content)


def _said(recipe):
    """Return a recipe's augmentation in words."""
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in recipe["augmentation"].items() if value)


def _confused(part, classes):
    """Return in words which classes are taken for which most often."""
    said = ", ".join(f"{classes[true]} as {classes[taken]} ({count})" for true, taken, count in part["mistakes"])
    right = round(part["accuracy"] * part["images"])
    return f"{right:,} of {part['images']:,} right; most often wrong: {said or 'none'}."


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        given = snakemake.input
        main(
            target=snakemake.output[0],
            name=snakemake.wildcards.dataset,
            inspected=snakemake.params.inspected,
            recipes=snakemake.params.recipes,
            random=snakemake.params.random,
            lecture=snakemake.params.lecture,
            metrics=given.metrics,
            ensembles=given.ensembles,
            models=given.models,
            verdicts=given.verdicts,
            figures={name: given[name] for name in FIGURES if given.get(name)},
            gallery=given.examples,
            layers=given.layers,
            previews=given.previews,
            manifest=given.manifest,
            leakage=given.leakage[0] if given.leakage else None,
        )
