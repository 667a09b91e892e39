"""Which files a stage's code consists of."""

from pathlib import Path

import pytest

from headstart.provenance import stage_code

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
STAGES = sorted(path.stem for path in stage_code.SCRIPTS.glob("*.py"))


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A function that writes the files of a small project in the place of this one."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    def forget():
        for known in (stage_code.sources, stage_code.packages, stage_code._imports):
            known.cache_clear()

    monkeypatch.setattr(stage_code, "SCRIPTS", tmp_path)
    forget()
    yield write
    forget()


def found(stage):
    """The sources of a stage, relative to the scripts folder, without suffixes."""
    return [Path(path).relative_to(stage_code.SCRIPTS).with_suffix("").as_posix() for path in stage_code.sources(stage)]


def test_imports_are_followed_from_module_to_module(project):
    project(stage="from pack import a", pack__a="import pack.b", pack__b="from pack.c import f", pack__c="f = 1")
    project(pack__d="")
    assert found("stage") == ["pack/a", "pack/b", "pack/c", "stage"]


@pytest.mark.parametrize("line", ["import pack.a", "from pack import a", "from pack.a import f", "import pack.a as b"])
def test_every_way_to_import_counts(project, line):
    project(stage=line, pack__a="f = 1")
    assert found("stage") == ["pack/a", "stage"]


def test_imports_inside_functions_and_conditions_count(project):
    project(stage="def main():\n    if True:\n        from pack import a", pack__a="")
    assert found("stage") == ["pack/a", "stage"]


def test_the_files_of_packages_above_a_module_count(project, tmp_path):
    project(stage="from pack import a", pack__a="import pack.b", pack__b="")
    (tmp_path / "pack" / "__init__.py").write_text("from pack import c")
    project(pack__c="")
    assert found("stage") == ["pack/__init__", "pack/a", "pack/b", "pack/c", "stage"]


def test_modules_that_import_each_other_end(project):
    project(stage="import pack.a", pack__a="import pack.b", pack__b="import pack.a")
    assert found("stage") == ["pack/a", "pack/b", "stage"]


def test_modules_of_others_do_not_count(project):
    project(stage="import numpy, os\nfrom keras import layers\nfrom pack import a", pack__a="")
    assert found("stage") == ["pack/a", "stage"]


def test_nothing_is_run(project):
    project(stage="import pack.a\nraise SystemExit", pack__a="raise SystemExit")
    assert found("stage") == ["pack/a", "stage"]


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_of_the_project_has_sources_that_are_its_own(stage):
    names = found(stage)
    assert "headstart/core/stage" in names
    assert "headstart/core/errors" in names
    assert names == sorted(set(names))


def test_a_stage_has_what_it_imports_late_and_not_what_others_import():
    assert {"headstart/training/networks", "headstart/training/loop", "headstart/formats/hdf5"} <= set(
        found("train_head")
    )
    assert "headstart/features/backbone" not in found("train_head")
    assert "headstart/formats/weights" in found("fetch")
    assert not {"headstart/training/loop", "headstart/data/images"} & set(found("fetch"))


def computing(stage):
    """The packages that compute in a stage."""
    return stage_code.packages(tuple(stage_code.sources(stage)))


def test_packages_that_compute_are_those_of_all_modules_of_a_stage(project):
    project(
        stage="from pack import a", pack__a="def f():\n    from sklearn.metrics import log_loss", pack__b="import scipy"
    )
    assert computing("stage") == ["scikit-learn"]


def test_packages_that_compute_no_number_do_not_count(project):
    project(stage="import h5py, pandas, matplotlib.pyplot, os\nimport numpy as np\nfrom PIL import Image")
    assert computing("stage") == ["numpy", "pillow"]


def test_each_stage_has_the_packages_that_bear_on_it_and_no_others():
    assert computing("unpack") == []
    assert {"numpy", "pillow"} <= set(computing("write_manifest")) & set(computing("decode_images"))
    for stage in ("write_manifest", "decode_images", "split", "join_features", "average_members", "write_submission"):
        assert not {"keras", "tensorflow"} & set(computing(stage)), stage
    assert "scikit-learn" not in computing("write_manifest")
    assert {"keras", "tensorflow"} <= set(computing("extract_features"))
    assert "scikit-learn" in computing("evaluate")


def test_sources_do_not_depend_on_the_working_directory(tmp_path, monkeypatch):
    before = stage_code.sources("fetch")
    stage_code.sources.cache_clear()
    monkeypatch.chdir(tmp_path)
    assert stage_code.sources("fetch") == before
    assert all(Path(path).is_file() for path in before)


def test_what_only_building_the_graph_needs_is_in_no_stage():
    for stage in (path.stem for path in stage_code.SCRIPTS.glob("*.py")):
        assert not [path for path in stage_code.sources(stage) if path.endswith("headstart/config/check.py")], stage
