"""How a file was made, and the way back to what it was made from."""

import json
import os
from pathlib import Path

import how
import pytest

from headstart.core.errors import InputError
from headstart.provenance import lineage, records

SCHEDULE = {"epochs": 3, "steps": None}


def record(path, inputs, *, rule="ensemble", params=None, seed=None, code=None, started=0, **other):
    """Write a file, unless it is there, and the record of it; ``other`` is what that says in another way."""
    begun = records.begin(
        rule=rule, wildcards={"dataset": "pets"}, params=params or {}, seed=seed, inputs=inputs, code=code or {}
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text(f"made from {len(inputs)} files")
    records.end(begun | other, records.path_of(path), [str(path)], started)
    return begun


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A metrics file, of an ensemble of two members, of one table."""
    monkeypatch.chdir(tmp_path)
    results = tmp_path.relative_to(tmp_path) / "results" / "pets"
    results.mkdir(parents=True)
    (results / "split.csv").write_text("id,fold\n")
    members = [results / "models" / "head" / f"member-{k}" / "predictions.h5" for k in (1, 2)]
    trained = {"recipe": {"schedule": SCHEDULE, "precision": "float32"}, "seed": 2016}
    for number, member in enumerate(members):
        record(member, [str(results / "split.csv")], rule="train_head", params=trained, seed=40 + number)
    ensemble = results / "ensembles" / "head" / "predictions.h5"
    record(ensemble, list(map(str, members)))
    metrics = results / "metrics" / "head.json"
    metrics.parent.mkdir()
    metrics.write_text(
        json.dumps({"diverged": None, "parts": {"test": {"accuracy": 0.5, "log_loss": 0.7, "images": 1200}}})
    )
    record(metrics, [str(ensemble), *map(str, members)], rule="evaluate")
    return metrics


def test_a_record_is_beside_its_file():
    assert str(records.path_of("m/member-1/model.keras")) == "m/member-1/provenance.json"
    assert str(records.path_of("m/member-1/predictions.h5")) == "m/member-1/provenance.json"
    assert str(records.path_of("metrics/head.json")) == "metrics/head.provenance.json"
    assert str(records.path_of("pets/split.csv")) == "pets/split.csv.provenance.json"
    assert str(records.path_of("pets/images")) == "pets/images.provenance.json"


def test_a_record_says_what_made_a_file(made):
    found = records.read(made)
    assert found["rule"] == "evaluate"
    assert found["versions"]["tensorflow"].startswith("2.")
    assert found["cpu"]["model"]
    assert found["inputs"]["results/pets/ensembles/head/predictions.h5"] == lineage.sha256(
        "results/pets/ensembles/head/predictions.h5"
    )
    assert set(found["run"]) == {"commit", "seconds", "gpus"}


@pytest.mark.parametrize("changed", ["input", "params", "seed", "code"])
def test_an_identity_follows_from_all_that_makes_a_file_and_nothing_else(tmp_path, changed):
    source, module = tmp_path / "a.csv", tmp_path / "a.py"
    source.write_text("1")
    module.write_text("1")

    def identity(params="p", seed=1, started=0):
        made = {"inputs": [str(source)], "code": {"a.py": module}}
        return records.identity(records.begin(rule="r", wildcards={}, params={"a": params}, seed=seed, **made))

    before = identity()
    assert identity() == before
    if changed in ("input", "code"):
        {"input": source, "code": module}[changed].write_text("2")
        assert identity() != before
    else:
        assert identity(**{changed: 2}) != before


def test_what_lasts_of_a_record_is_all_but_the_run(tmp_path):
    for name, started in (("a", 0), ("b", -5)):
        record(tmp_path / name / "model.keras", [], started=started)
        text = (tmp_path / name / "provenance.json").read_text()
        (tmp_path / name / "provenance.json").write_text(text.replace(f"/{name}/", "/"))
    files = [tmp_path / name / "provenance.json" for name in "ab"]
    assert files[0].read_bytes() != files[1].read_bytes()
    assert records.lasting(files[0]) == records.lasting(files[1])


def test_a_config_is_kept_without_credentials():
    kept = records.public({"mirror": "https://me:secret@example.org/a?key=secret", "n": [1, "https://x.org/"]})
    assert kept == {"mirror": "https://example.org/a", "n": [1, "https://x.org/"]}


def test_the_way_back_has_each_file_once(made):
    steps = [(step.depth, step.path.rpartition("pets/")[2]) for step in lineage.trace(made)]
    assert steps == [
        (0, "metrics/head.json"),
        (1, "ensembles/head/predictions.h5"),
        (2, "models/head/member-1/predictions.h5"),
        (3, "split.csv"),
        (2, "models/head/member-2/predictions.h5"),
    ]


def test_a_story_tells_numbers_seeds_and_how_to_make_it_again(made, capsys):
    assert how.main([str(made.resolve())]) == 0  # from any way of naming it
    said = capsys.readouterr().out
    assert "test: accuracy 0.5000, log loss 0.7000, 1,200 images" in said
    assert "3 epochs, float32, seed 41 (of 2016)" in said
    assert "All 5 files are unchanged since it was made." in said
    assert said.endswith("snakemake --cores all --forceall -- results/pets/metrics/head.json\n")
    made.with_name("head.config.json").write_text("{}")
    assert "--configfile results/pets/metrics/head.config.json" in "\n".join(lineage.story(made))


def test_what_was_changed_since_is_told(made):
    (made.parents[1] / "split.csv").write_text("id,fold\n1,0\n")
    (made.parents[1] / "models" / "head" / "member-2" / "predictions.h5").unlink()
    assert [step.state for step in lineage.trace(made)] == ["", "", "", "changed since", "missing"]
    assert "2 of 5 files have changed or are missing, for example results/pets/split.csv." in lineage.story(made)


def test_code_that_was_changed_since_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.py").write_text("as it was")
    code = {"headstart/core/files.py": tmp_path / "old.py", "tools/how.py": how.__file__}
    record(tmp_path.relative_to(tmp_path) / "x.h5", [], code=code)
    assert "Code has changed since: headstart/core/files.py." in lineage.story("x.h5")


@pytest.mark.parametrize("spoilt", ["no record", "not whole", "of other files"])
def test_a_file_without_a_whole_record_is_bad_input(made, capsys, spoilt):
    kept = records.path_of(made)
    if spoilt == "no record":
        kept.unlink()
    elif spoilt == "not whole":
        kept.write_text(kept.read_text()[:-20])
    else:
        kept.write_text(kept.read_text().replace("metrics/head.json", "metrics/tail.json"))
    assert how.main([str(made)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: results/pets/metrics/head.")
    assert said.count("\n") == 1
    with pytest.raises(InputError):
        lineage.trace(made)


def test_nothing_named_is_bad_input(capsys):
    assert how.main([]) == 1
    assert "no file named" in capsys.readouterr().err


def test_a_folder_is_followed_and_what_is_changed_in_it_is_told(made):
    images = made.parents[1] / "images"
    images.mkdir()
    (images / "1.png").write_text("a cat")
    record(images, [], rule="unpack")
    record(made.parents[1] / "manifest.csv", [str(images)], rule="manifest")
    assert [step.state for step in lineage.trace(made.parents[1] / "manifest.csv")] == ["", ""]
    (images / "1.png").rename(images / "2.png")
    assert [step.state for step in lineage.trace(made.parents[1] / "manifest.csv")] == ["", "changed since"]


def test_a_joined_file_is_followed_to_its_parts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts = [Path("features", f"{number}.h5") for number in (1, 2)]
    for part in parts:
        record(part, [], rule="features")
    record(Path("train.h5"), list(map(str, parts)), rule="join")
    content = bytearray(parts[1].read_bytes())
    content[:4] = bytes(byte ^ 1 for byte in content[:4])
    parts[1].write_bytes(content)
    said = lineage.story("train.h5")
    assert "1 of 3 files have changed or are missing, for example features/2.h5." in said


def test_what_differs_along_the_way_is_told_step_by_step(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    old = {"versions": {"python": "3.11.1", "keras": "2.0"}, "cpu": {"model": "Old 5", "instructions": ["avx", "fma"]}}
    new = {"versions": {"python": "3.11.1", "keras": "3.0"}, "cpu": {"model": "Old 5", "instructions": ["avx"]}}
    code = {"a.py": tmp_path / "a.py", "b.py": tmp_path / "b.py"}
    for path in code.values():
        path.write_text("then")
    record(Path("model.keras"), [], rule="train_head", code=code, **old, run={"commit": "c1"})
    code["b.py"].write_text("now")
    record(Path("audit.json"), ["model.keras"], rule="audit", code=code, **new, run={"commit": "c2"})
    said = lineage.story("audit.json")
    assert "on    Old 5 (audit)" in said
    assert "on    Old 5, with fma (train_head)" in said
    assert "with  python 3.11.1, keras 3.0" in said
    assert "      keras 2.0 (train_head)" in said
    assert "from  commit c1 (train_head)" in said
    assert "Steps ran different versions of: b.py." in said


def test_what_is_the_same_all_the_way_is_told_once(made):
    said = lineage.story(made)
    assert [line[:4] for line in said].count("on  ") == 1
    assert not any("(" in line for line in said if line.startswith(("on  ", "from")))
    assert not [line for line in said if line.startswith("Steps ran")]


def test_a_folder_has_a_digest_whatever_its_files_are_called(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / os.fsdecode(b"ca\xf1on.png")).write_bytes(b"1")
    before = records.digest(tmp_path / "data")
    (tmp_path / "data" / os.fsdecode(b"ca\xf1on.png")).write_bytes(b"2")
    assert records.digest(tmp_path / "data") != before


def test_of_a_download_is_told_what_came_in(made):
    file = made.parents[1] / "pets.zip"
    file.write_text("zip")
    file.with_name(".pets.zip.json").write_text(json.dumps({"identity": {}, "content": "0123456789abcdef" * 4}))
    record(made.parents[1] / "images", [str(file)], rule="unpack")
    assert lineage.story(made.parents[1] / "images")[3].endswith("pets.zip  fetch, content SHA-256 0123456789abcdef…")
