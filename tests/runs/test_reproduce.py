"""Two runs are compared file by file."""

import reproduce

FILES = {
    "summary.csv": "a",
    "pets/leakage.json": "b",
    "pets/models/head/member-1/model.keras": "c",
    "pets/models/head/member-1/history.csv": "d",
    "mnist/models/cnn/member-1/model.keras": "e",
}


def test_two_runs_alike_have_no_difference():
    table, first = reproduce.compare(FILES, FILES)
    assert first is None
    assert table.set_index(["dataset", "kind"])["files"].to_dict() == {
        ("all", "summary"): 1,
        ("pets", "tables"): 1,
        ("pets", "models"): 2,
        ("mnist", "models"): 1,
    }
    assert table["differing"].sum() == 0


def test_what_differs_or_is_in_one_run_alone_is_counted_and_the_first_is_named():
    other = {**FILES, "pets/models/head/member-1/model.keras": "x", "pets/pixels/train.h5": "y"}
    del other["summary.csv"]
    table, first = reproduce.compare(FILES, other)
    assert first == "pets/models/head/member-1/model.keras"
    assert table.set_index(["dataset", "kind"])["differing"].to_dict() == {
        ("all", "summary"): 1,
        ("pets", "tables"): 0,
        ("pets", "models"): 1,
        ("pets", "pixels"): 1,
        ("mnist", "models"): 0,
    }


def test_logs_and_what_is_hidden_do_not_count(tmp_path):
    for name in ("pets/split.csv", "logs/a.log", "benchmarks/a.tsv", "pets/images/.snakemake_timestamp"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("same")
    assert list(reproduce.digests(tmp_path)) == ["pets/split.csv"]
