"""The results table."""

import json
from pathlib import Path

import pytest

from headstart.core.errors import InputError
from headstart.report import summary

LONG = (
    "needs VGG16's dense layers, which only the publisher has (553 MB); where its site can be reached, set skip to null"
)


def part(accuracy, **changes):
    return {
        "images": 50,
        "groups": 0,
        "accuracy": accuracy,
        "accuracy_95": [accuracy - 0.1, accuracy + 0.1],
        "majority": 0.3,
        "log_loss": 0.25,
        "log_loss_95": [0.2, 0.35],
        "interval_note": "",
    } | changes


@pytest.fixture
def metrics(tmp_path):
    """A function that writes one metrics file and returns its path."""

    def write(recipe, parts, note="", members=2, **changes):
        found = [{name: part(accuracy - 0.02 * i) for name, accuracy in parts.items()} for i in range(members)]
        ensemble = {name: part(accuracy, **changes) for name, accuracy in parts.items()}
        content = {
            "dataset": "pets",
            "recipe": recipe,
            "diverged": None,
            "note": note,
            "parts": ensemble,
            "members": found,
        }
        path = tmp_path / f"{recipe}.json"
        path.write_text(json.dumps(content))
        return str(path)

    return write


@pytest.fixture
def csv(metrics, tmp_path):
    """A summary.csv with one recipe that ran and one that is skipped."""
    table = summary.table([metrics("head", {"validation": 0.9}, "drawn <pictures>")], [], [("pets", "wide", LONG)])
    table.to_csv(tmp_path / "summary.csv", index=False, float_format="%.4f")
    return tmp_path / "summary.csv"


WHOLE = {
    "dataset": "pets",
    "recipe": "head",
    "part": "test",
    "images": 77,
    "members": 3,
    "accuracy": 0.8125,
    "low": 0.6875,
    "high": 0.9375,
    "majority": 0.4375,
    "lecture": 0.9875,
    "member_accuracy": 0.7925,
    "lecture_member": 0.9625,
    "log_loss": 0.3125,
    "note": "drawn; interval over only 5 groups; 1 of 2 images left out as unreadable; Drivers are known again.",
}


@pytest.fixture
def whole(metrics, tmp_path):
    """The table of one recipe with a value of its own in every column."""
    (tmp_path / "audit.json").write_text(
        '{"dataset": "pets", "recipe": "head", "sentence": "Drivers are known again."}'
    )
    changes = {
        "images": 77,
        "accuracy_95": [0.6875, 0.9375],
        "majority": 0.4375,
        "log_loss": 0.3125,
        "interval_note": "interval over only 5 groups",
    }
    path = metrics("head", {"validation": 0.5, "test": 0.8125}, "drawn", members=3, **changes)
    lecture = [("pets", "head", {"ensemble": 0.9875, "member": 0.9625})]
    images = [("pets", ["1 of 2 images left out as unreadable"])]
    return summary.table([path], lecture, [], [tmp_path / "audit.json"], images)


def test_every_column_is_tested():
    assert list(WHOLE) == summary.COLUMNS


@pytest.mark.parametrize("column", WHOLE)
def test_a_column_has_what_it_is_named_after(whole, column):
    assert whole[column].tolist() == pytest.approx([WHOLE[column]])


def test_a_reader_sees_every_column(whole, tmp_path):
    whole.to_csv(tmp_path / "summary.csv", index=False, float_format="%.4f")
    head, values = summary.text(tmp_path / "summary.csv").splitlines()[1:3]
    shown = "dataset recipe part images members accuracy 95 % majority lecture member_accuracy lecture_member log_loss"
    assert head.split() == shown.split()
    assert " ".join(values.split()) == "pets head test 77 3 0.8125 0.6875 to 0.9375 0.4375 0.9875 0.7925 0.9625 0.3125"
    page = summary.html(tmp_path / "summary.csv")
    for value in values.replace(" to ", "-").split():
        assert f"<td>{value.replace('-', ' to ')}</td>" in page
    assert f"<li>pets head: {WHOLE['note']}</li>" in page


def test_one_group_has_no_interval(metrics, tmp_path):
    path = metrics(
        "head", {"validation": 0.9}, accuracy_95=None, interval_note="no interval: all images are of one group"
    )
    table = summary.table([path, metrics("other", {"validation": 0.8})], [], [])
    assert table.loc[0, ["low", "high"]].isna().all()
    assert table["note"].tolist() == ["no interval: all images are of one group", ""]
    table.to_csv(tmp_path / "summary.csv", index=False, float_format="%.4f")
    assert (
        (tmp_path / "summary.csv").read_text().splitlines()[1].startswith("pets,head,validation,50,2,0.9000,,,0.3000")
    )
    text = summary.text(tmp_path / "summary.csv")
    assert "0.9000 to" not in text and "0.7000 to 0.9000" in text
    assert "pets head: no interval: all images are of one group" in text


def test_a_row_reports_validation_where_test_has_no_labels(metrics):
    row = summary.table([metrics("head", {"validation": 0.9})], [], []).iloc[0]
    assert (row["part"], row["accuracy"]) == ("validation", 0.9)


def test_the_lectures_figures_stand_beside_ours(metrics):
    files = [
        metrics("head", {"test": 0.9}),
        metrics("single", {"test": 0.9}, members=1),
        metrics("other", {"test": 0.8}),
    ]
    both = {"member": 0.98, "ensemble": 0.985}
    table = summary.table(files, [("pets", "head", both), ("pets", "single", {"member": 0.7})], [])
    assert table["lecture"].tolist()[:2] == [0.985, 0.7]  # a single member is an ensemble of one
    assert table["lecture_member"].tolist()[:2] == [0.98, 0.7]
    assert table[["lecture", "lecture_member"]].iloc[2].isna().all()


def test_an_ensemble_is_not_compared_with_a_single_model(metrics):
    row = summary.table([metrics("head", {"test": 0.9})], [("pets", "head", {"member": 0.98})], []).iloc[0]
    assert row["lecture_member"] == 0.98
    assert row[["lecture"]].isna().all()


def test_a_recipe_that_is_skipped_has_a_row_with_the_reason(metrics):
    table = summary.table([metrics("head", {"test": 0.9})], [], [("pets", "wide", "too wide")])
    assert list(table.columns) == summary.COLUMNS
    assert table.iloc[1][["dataset", "recipe", "note"]].tolist() == ["pets", "wide", "skipped: too wide"]
    assert table.iloc[1][["images", "accuracy"]].isna().all()


def test_an_audit_is_a_note_of_the_recipe_that_it_is_of(metrics, tmp_path):
    audit = {"dataset": "pets", "recipe": "head", "sentence": "Drivers are known again."}
    (tmp_path / "audit.json").write_text(json.dumps(audit))
    files = [metrics("head", {"validation": 0.9}, "drawn"), metrics("other", {"validation": 0.9})]
    table = summary.table(files, [], [], [tmp_path / "audit.json"])
    assert table["note"].tolist() == ["drawn; Drivers are known again.", ""]


def test_what_is_said_of_the_images_is_a_note_of_each_row_of_their_dataset(metrics):
    files = [metrics("head", {"validation": 0.9}, "drawn"), metrics("other", {"validation": 0.9})]
    said = ["3 of 1,600 images left out as unreadable", "2 of 1,597 train images are copies"]
    images = [("pets", said), ("flowers", ["1 of 2 images left out as unreadable"])]
    table = summary.table(files, [], [("pets", "wide", "too wide")], (), images)
    assert table["note"].tolist() == ["; ".join(["drawn", *said]), "; ".join(said), "skipped: too wide"]
    assert summary.table(files, [], [], (), [("pets", [])])["note"].tolist() == ["drawn", ""]


def test_a_table_of_nothing_has_its_columns():
    assert list(summary.table([], [], []).columns) == summary.COLUMNS


def test_the_text_has_numbers_and_notes(csv):
    text = summary.text(csv)
    assert "0.8000 to 1.0000" in text
    assert "0.9000" in text
    assert "pets head: drawn <pictures>" in text
    assert f"pets wide: skipped: {LONG}" in text
    assert "nan" not in text.lower()


def test_recipes_of_a_dataset_share_a_note(metrics, tmp_path):
    files = [metrics(name, {"validation": 0.9}, note) for name, note in (("a", "drawn"), ("b", "real"), ("c", "drawn"))]
    summary.table(files, [], []).to_csv(tmp_path / "summary.csv", index=False)
    lines = summary.text(tmp_path / "summary.csv").splitlines()
    assert lines[-2:] == ["  pets a, c: drawn", "  pets b: real"]


def test_the_page_has_whole_notes_and_is_escaped(csv):
    page = summary.html(csv)
    assert page.startswith("<!doctype html>")
    assert "drawn &lt;pictures&gt;" in page
    assert LONG in page
    assert "0.8000 to 1.0000" in page
    assert "nan" not in page.lower()


@pytest.mark.parametrize("text", ["", "{", "{}", "[]"])
def test_a_damaged_metrics_file_is_bad_input(tmp_path, text):
    (tmp_path / "head.json").write_text(text)
    with pytest.raises(InputError, match="head.json: not valid JSON"):
        summary.table([tmp_path / "head.json"], [], [])


def test_a_recipe_that_diverged_has_no_figures(metrics):
    path = metrics("head", {"validation": 0.9}, "drawn")
    content = json.loads(Path(path).read_text()) | {"diverged": "the loss or a weight was not finite in epoch 3 of 8"}
    Path(path).write_text(json.dumps(content))
    row = summary.table([path, metrics("other", {"validation": 0.8})], [], []).set_index("recipe").loc["head"]
    assert row[["accuracy", "low", "high", "member_accuracy", "log_loss"]].isna().all()
    assert row["note"] == "diverged: the loss or a weight was not finite in epoch 3 of 8; drawn"
    assert row["images"] == 50
