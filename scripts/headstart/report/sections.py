"""Collect the sections of a dataset's page that come from several files of each recipe."""

from pathlib import Path

from headstart.formats import predictions
from headstart.report import leaderboard, page, ranking
from headstart.report.advice import following


def ranked(metrics, models, ensembles, recipes, lecture, images, random):
    """Return the leaderboard as `ranking.sets`, each row with its story and settings (see `leaderboard`).

    ``metrics``, ``models`` and ``ensembles`` are the recipes' files. ``recipes`` is ``{name: recipe}``, ``lecture``
    ``{recipe: the lecture's figures}``. ``images`` is a manifest. ``random`` names the recipes that split at random.
    """
    rows, folder = leaderboard.rows(metrics, models, lecture), Path(metrics[0]).parent
    for row in rows:
        row["story"] = leaderboard.story(folder / f"{row['recipe']}.provenance.json")
        row["settings"] = leaderboard.settings(recipes[row["recipe"]])
    rights = {}
    for path in ensembles:
        rights[Path(path).parent.name] = ranking.right(predictions.reported(predictions.read(path)[0]))
    return ranking.sets(rows, rights, images.set_index("id"), random)


def curves(verdicts, recipes):
    """Return a dict for each recipe: its name, its verdict from the file ``<recipe>.txt``, and the lecture's advice."""
    found = []
    for path in verdicts:
        recipe, verdict = Path(path).stem, Path(path).read_text(encoding="utf-8").strip()
        found.append({"recipe": recipe, "verdict": verdict, "advice": following(verdict, recipes[recipe])})
    return found


def previews(pictures, recipes):
    """Return a dict for each recipe: its name, its preview ``<recipe>.png`` as a data: URL, and its augmentation."""
    found = []
    for path in pictures:
        recipe = Path(path).stem
        changes = recipes[recipe]["augmentation"].items()
        words = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in changes if value)
        found.append({"recipe": recipe, "image": page.picture(path), "said": words})
    return found


def confused(metrics):
    """Return in words which classes a recipe confuses most often, by its ``metrics``."""
    if metrics["diverged"]:
        return f"No figure: diverged, {metrics['diverged']}."
    part, classes = metrics["parts"].get("test") or metrics["parts"]["validation"], metrics["classes"]
    mistakes = ", ".join(f"{classes[true]} as {classes[taken]} ({count})" for true, taken, count in part["mistakes"])
    right = round(part["accuracy"] * part["images"])
    return f"{right:,} of {part['images']:,} right; most often wrong: {mistakes or 'none'}."
