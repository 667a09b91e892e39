"""The results table."""

import json
from pathlib import Path

import pandas as pd

from headstart.errors import InputError

COLUMNS = [
    "dataset", "recipe", "part", "images", "members", "accuracy", "low", "high",
    "member_accuracy", "log_loss", "lecture", "note",
]  # fmt: skip
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem; text-align: right; border-bottom: 1px solid #8884; }
th:nth-child(-n+3), td:nth-child(-n+3), th:last-child, td:last-child { text-align: left; }
"""


def table(metrics, lecture, off):
    """Return the results table, a row for each recipe and dataset.

    ``metrics`` lists paths of metrics files. ``lecture`` is ``{dataset: {recipe: accuracy}}``, what the lecture
    reports. ``off`` lists (dataset, recipe, reason) of recipes that are turned off. A row reports the test part where
    its labels are known, else validation.
    """
    rows = []
    for path in metrics:
        found = _read(path)
        part = "test" if "test" in found["parts"] else "validation"
        numbers = found["parts"][part]
        members = [member[part]["accuracy"] for member in found["members"]]
        rows.append(
            {
                "dataset": found["dataset"],
                "recipe": found["recipe"],
                "part": part,
                "images": numbers["images"],
                "members": len(members),
                "accuracy": numbers["accuracy"],
                "low": numbers["accuracy_95"][0],
                "high": numbers["accuracy_95"][1],
                "member_accuracy": sum(members) / len(members),
                "log_loss": numbers["log_loss"],
                "note": found["note"],
            }
        )
    rows += [{"dataset": dataset, "recipe": recipe, "note": f"off: {reason}"} for dataset, recipe, reason in off]
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"images": "Int64", "members": "Int64"})
    frame["lecture"] = [lecture.get(row.dataset, {}).get(row.recipe) for row in frame.itertuples()]
    return frame


def _read(path):
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        return {key: found[key] for key in ("dataset", "recipe", "parts", "members", "note")}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a whole metrics file; remove it and run again") from error


def text(csv):
    """Return the table of a summary.csv for a terminal."""
    frame = _readable(pd.read_csv(csv, dtype=str, keep_default_na=False))
    notes = [f"  {row.dataset} {row.recipe}: {row.note}" for row in frame.itertuples() if row.note]
    return "\n".join(["", frame.drop(columns="note").to_string(index=False), "", *notes])


def html(csv):
    """Return the table of a summary.csv as a page of its own."""
    body = _readable(pd.read_csv(csv, dtype=str, keep_default_na=False)).to_html(index=False, border=0)
    head = f'<meta name="viewport" content="width=device-width"><title>Headstart: results</title><style>{STYLE}</style>'
    top = f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">{head}</head>\n'
    return f"{top}<body>\n<h1>Results</h1>\n{body}\n</body>\n</html>\n"


def _readable(frame):
    return frame.assign(
        **{"95 %": [f"{row.low} to {row.high}" if row.low else "" for row in frame.itertuples()]},
    )[
        [
            "dataset",
            "recipe",
            "part",
            "images",
            "members",
            "accuracy",
            "95 %",
            "member_accuracy",
            "log_loss",
            "lecture",
            "note",
        ]
    ]
