"""What runs again after a change, on the real graph, and what does not."""

import contextlib
import os
import re
import shutil
from modulefinder import ModuleFinder
from pathlib import Path

import pytest
import yaml
from running import ROOT, jobs
from world import World, copy_project

RULES = {
    name
    for path in (ROOT / "workflow" / "rules").glob("*.smk")
    for name in re.findall(
        r"^(?:rule|checkpoint|use rule \w+ as) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE
    )
}
TOLD = {
    "plot_figures": 1,
    "collect_report_data": 1,
    "write_report": 1,
}  # what the report makes of any change in a dataset
STAGES = {  # the rules that run a stage which is not named like them
    "split_ungrouped": "split",
    "extract_augmented_features": "extract_features",
    "join_augmented_features": "join_features",
}


@pytest.fixture(scope="module")
def clone(done, tmp_path_factory):
    """A copy of the project and all its results in another folder; the code has new times, as after git clone."""
    world, _ = done
    folder = tmp_path_factory.mktemp("clone") / "of it"
    shutil.copytree(world.folder, folder)
    shutil.rmtree(folder / "scripts")
    for name in ("workflow", "config", "profiles"):
        shutil.rmtree(folder / name)
    copy_project(folder)
    return World(folder, folder / world.config.name)


@contextlib.contextmanager
def changed(path, text, time=None):
    """Change a file for the length of a test; its time is that of now, or ``time`` (nanoseconds)."""
    before = path.read_bytes()
    path.write_bytes(text(before.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape"))
    if time:
        os.utime(path, ns=(time, time))
    try:
        yield
    finally:
        path.write_bytes(before)


def planned(world, *arguments, **environment):
    """The jobs that a run would have, by rule."""
    run = world.snakemake("--dry-run", *arguments, **environment)
    assert run.returncode == 0, run.stdout[-3000:]
    return jobs(run.stdout)


def commented(text):
    return text + "\n# a comment\n"


def importing(module):
    """The rules whose stage imports a module, by Python's own finder, which reads no graph of ours."""
    found = set()
    rules = {path.stem: path.stem for path in (ROOT / "scripts").glob("*.py")} | STAGES
    for rule, stage in rules.items():
        finder = ModuleFinder(path=[str(ROOT / "scripts")])
        finder.run_script(str(ROOT / "scripts" / f"{stage}.py"))
        if any(Path(found.__file__ or "") == ROOT / "scripts" / module for found in finder.modules.values()):
            found.add(rule)
    return found


def test_a_clone_with_its_results_has_nothing_to_do(clone):
    assert planned(clone) == {}


def test_touching_any_file_runs_nothing(clone):
    for top in ("results", "resources", "scripts", "config", "mirror"):
        for path in sorted((clone.folder / top).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                path.touch()
    assert planned(clone) == {}


@pytest.mark.parametrize(
    "file", ["config/config.yaml", "config/recipes/mnist.yaml", "config/datasets/mnist.yaml", "tiny.yaml"]
)
def test_a_comment_in_the_config_runs_nothing(clone, file):
    with changed(clone.folder / file, commented):
        assert planned(clone) == {}


@pytest.mark.parametrize(
    "module",
    [
        *("evaluation/submissions", "report/curves", "evaluation/metrics", "features/augmentation", "formats/hdf5"),
        *("data/archives", "report/sweep_results", "features/backbone"),
    ],
)
def test_an_edit_in_a_module_runs_the_stages_that_import_it_and_what_follows(clone, module):
    file = f"headstart/{module}.py"
    # Another way to fetch makes no other file, so fetch has no code among its inputs.
    rules = importing(file) & RULES - {"fetch"}
    assert rules
    expected = planned(clone, "--forcerun", *sorted(rules))
    with changed(clone.folder / "scripts" / file, commented):
        assert planned(clone) == expected


def test_an_edit_with_an_older_time_counts_as_any_other(clone):
    """As rsync -a, tar x and cp -p leave it."""
    with changed(clone.folder / "scripts" / "headstart" / "evaluation" / "postprocess.py", commented, time=1):
        assert planned(clone).keys() >= importing("headstart/evaluation/postprocess.py") & RULES


@pytest.mark.parametrize(
    ("file", "rules"),
    [
        ("resources/mnist/train-labels-idx1-ubyte.gz", {"unpack", "write_manifest"}),
        ("results/state-farm/pixels/32x32x3/train.h5", {"cut_shards", "join_features"}),
        ("results/mnist/models/linear/member-1/history.csv", {"plot_curves"}),
        ("results/mnist/ensembles/linear/predictions.h5", {"evaluate", "plot_figures"}),
    ],
)
def test_data_that_is_put_back_with_its_old_time_runs_what_reads_it(clone, file, rules):
    path = clone.folder / file
    with changed(path, lambda text: text[:-1] + chr(ord(text[-1]) ^ 1), time=path.stat().st_mtime_ns):
        assert rules <= planned(clone).keys()


def test_a_file_that_is_taken_away_runs_nothing_where_all_that_is_made_of_it_is_there(clone):
    file = clone.folder / "results" / "mnist" / "pixels" / "28x28x1" / "train.h5"
    kept = file.rename(clone.folder / "kept")
    try:
        assert planned(clone) == {}
    finally:
        kept.rename(file)


@pytest.mark.parametrize(
    ("package", "expected"),
    [("scikit-learn", {"split", "split_ungrouped", "train_head", "evaluate"}), ("pandas", set())],
)
def test_another_version_of_a_package_runs_what_computes_with_it(clone, tmp_path, package, expected):
    folder = tmp_path / f"{package.replace('-', '_')}-99.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 99.0\n")
    found = planned(clone, PYTHONPATH=str(tmp_path)).keys()
    assert expected <= found
    assert bool(found) == bool(expected)
    assert not {"fetch", "draw_synthetic", "unpack", "write_manifest", "decode_images", "extract_features"} & found


@pytest.mark.parametrize("file", ["tools/how.py", "headstart/provenance/lineage.py", "headstart/download/fetch.py"])
def test_an_edit_in_what_no_result_comes_from_runs_nothing(clone, file):
    with changed(clone.folder / "scripts" / file, commented):
        assert planned(clone) == {}


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        (
            "linear",
            {
                "train_from_scratch": 1,
                "average_members": 1,
                "evaluate": 1,
                "plot_curves": 1,
                "write_summary": 1,
                **TOLD,
                "all": 1,
            },
        ),
        (
            "head-folds",  # neighbours refines it, blend both
            {
                "train_head": 2,
                "average_members": 1,
                "postprocess": 2,
                "evaluate": 3,
                "plot_curves": 1,
                "write_submission": 3,
                "write_summary": 1,
                **TOLD,
                "all": 1,
            },
        ),
    ],
)
def test_a_change_of_one_recipe_runs_it_and_what_depends_on_it(clone, recipe, expected):
    def longer(text):
        config = yaml.safe_load(text)
        config["recipes"][recipe]["schedule"]["epochs"] += 1
        return yaml.safe_dump(config)

    with changed(clone.config, longer):
        assert planned(clone) == expected


def test_members_that_validate_on_more_folds_bring_no_other_split(clone):
    def cross_validated(text):
        config = yaml.safe_load(text)
        config["recipes"]["linear"] |= {"cross_validate": True, "members": 2}
        return yaml.safe_dump(config)

    with changed(clone.config, cross_validated):
        found = planned(clone)
    assert found["train_from_scratch"] == 2  # the second members of both schedules
    assert "split" not in found
