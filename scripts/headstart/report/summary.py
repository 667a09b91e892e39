"""Make the results table, for a terminal and as a page."""

from html import escape

import pandas as pd

from headstart.core.files import read_json

COLUMNS = [
    "dataset", "recipe", "part", "images", "members", "accuracy", "low", "high", "majority",
    "lecture", "member_accuracy", "lecture_member", "log_loss", "note",
]  # fmt: skip
FIGURES = ["accuracy", "low", "high", "member_accuracy", "log_loss"]  # empty for a recipe that diverged
SHOWN = [*COLUMNS[:6], "95 %", *COLUMNS[8:13]]  # the interval in one column, the notes below the table
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
div { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; font-size: .875rem; }
th, td { padding: .35rem .5rem; text-align: right; border-bottom: 1px solid #8884; }
th:nth-child(-n+3), td:nth-child(-n+3) { text-align: left; }
"""


def table(metrics, lecture, off, audits=(), images=()):
    """Return the results table, a row for each recipe and dataset.

    ``metrics`` lists paths of metrics files. ``lecture`` lists (dataset, recipe, figures) that the lecture reports: the
    accuracy of a single member, of the ensemble, or both. A single member is an ensemble of one. ``off`` lists
    (dataset, recipe, reason) of recipes that are turned off. ``audits`` lists paths of leakage checks, whose sentences
    become notes. ``images`` lists (dataset, notes on its images, see `duplicates.notes`). A row reports the test part
    where its labels are known, else validation. low and high are empty where there is no interval.
    """
    told = (read_json(path, ("dataset", "recipe", "sentence")) for path in audits)
    said = {(found["dataset"], found["recipe"]): found["sentence"] for found in told}
    figures, rows = {(dataset, recipe): figure for dataset, recipe, figure in lecture}, []
    images = dict(images)
    for path in metrics:
        found = read_json(path, ("dataset", "recipe", "diverged", "parts", "members", "note"))
        part = "test" if "test" in found["parts"] else "validation"
        numbers = found["parts"][part]
        members = [member[part]["accuracy"] for member in found["members"]]
        key = (found["dataset"], found["recipe"])
        low, high = numbers["accuracy_95"] or (None, None)
        diverged = f"diverged: {found['diverged']}" if found["diverged"] else None
        notes = (
            diverged,
            found["note"],
            numbers["interval_note"],
            *images.get(found["dataset"], ()),
            said.get(key),
        )
        rows.append(
            {
                "dataset": found["dataset"],
                "recipe": found["recipe"],
                "part": part,
                "images": numbers["images"],
                "members": len(members),
                "accuracy": numbers["accuracy"],
                "low": low,
                "high": high,
                "majority": numbers["majority"],
                "member_accuracy": sum(members) / len(members),
                "log_loss": numbers["log_loss"],
                "note": "; ".join(filter(None, notes)),
            }
            | (dict.fromkeys(FIGURES) if diverged else {})
        )
    rows += [{"dataset": dataset, "recipe": recipe, "note": f"skipped: {reason}"} for dataset, recipe, reason in off]
    for row in rows:
        figure = figures.get((row["dataset"], row["recipe"]), {})
        alone = figure.get("member") if row.get("members") == 1 else None
        row |= {"lecture": figure.get("ensemble", alone), "lecture_member": figure.get("member")}
    return pd.DataFrame(rows, columns=COLUMNS).astype(
        {
            **dict.fromkeys(("images", "members"), "Int64"),
            **dict.fromkeys(("low", "high", "majority", "lecture", "lecture_member"), float),
        }
    )


def text(csv):
    """Return the table of a summary.csv for a terminal."""
    frame, notes = _readable(csv)
    return "\n".join(["", frame.to_string(index=False), "", *(f"  {note}" for note in notes)])


def html(csv):
    """Return the table of a summary.csv as a page of its own."""
    frame, notes = _readable(csv)
    table = frame.to_html(index=False, border=0)
    points = "\n".join(f"<li>{escape(note, quote=False)}</li>" for note in notes)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Headstart: results</title><style>{STYLE}</style>
</head>
<body>
<h1>Results</h1>
<div tabindex="0">{table}</div>
<ul>
{points}
</ul>
</body>
</html>
"""


def _readable(csv):
    """Return the table as a reader wants it, and its notes as a list."""
    frame = pd.read_csv(csv, dtype=str, keep_default_na=False)
    frame["95 %"] = [f"{row.low} to {row.high}" if row.low else "" for row in frame.itertuples()]
    alike = frame[frame["note"] != ""].groupby(["dataset", "note"], sort=False)["recipe"]
    notes = [f"{dataset} {', '.join(recipes)}: {note}" for (dataset, note), recipes in alike]
    return frame[SHOWN], notes
