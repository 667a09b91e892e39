"""The config: shipped ones pass, wrong ones give one line that names the key, the value and what is allowed."""

import datetime

import pytest
from small_config import ROOT, SCHEMA, complaint, files, shipped, small
from snakemake.cli import parse_config
from wrong_configs import KEYS, RANGES, RENAMED, TYPES

from headstart.config import backbones
from headstart.config.check import as_written, check

OVERLAYS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "config" / "examples").glob("*.yaml"))


@pytest.mark.parametrize("overlay", [None, *OVERLAYS])
def test_a_shipped_config_passes(overlay, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("daisy", "tulip"):
        (tmp_path / "pictures" / "flowers" / name).mkdir(parents=True)
    config = shipped(*filter(None, [overlay]))
    check(config, SCHEMA)
    assert config["datasets"]


def test_the_snakefile_reads_every_file_of_the_library():
    library = {path.relative_to(ROOT).as_posix() for path in (ROOT / "config").rglob("*.yaml")} - set(OVERLAYS)
    assert set(files()) == library
    assert files()[-1] == "config/config.yaml"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_example_begins_with_its_command_its_time_and_its_result(overlay):
    first, command, time, result = (ROOT / overlay).read_text(encoding="utf-8").splitlines()[:4]
    assert first.startswith("# ")
    assert command.startswith(f"#   snakemake --cores 2 --configfile {overlay}")
    assert time.startswith("# Time: ")
    assert result.startswith("# Result: ")


def test_the_small_config_of_these_tests_passes():
    check(small(), SCHEMA)


@pytest.mark.parametrize(("path", "value", "said"), KEYS + TYPES + RANGES + RENAMED)
def test_a_wrong_config_gives_one_line_that_names_key_value_and_what_is_allowed(path, value, said):
    text = complaint(**{path: value})
    assert text.startswith("config: ")
    assert said in text
    assert "\n" not in text


@pytest.mark.parametrize(
    "source",
    [
        {"pip": "git+https://example.org/digits", "member": "a"},
        {"pip": "./digits", "member": "a"},
        {"pip": "--index-url=https://example.org digits==1.0", "member": "a"},
        {"npm": "https://example.org/digits.tgz", "member": "a"},
        {"npm": "../digits", "member": "a"},
    ],
)
def test_a_package_is_a_name_and_a_version_since_others_run_code_before_a_digest_is_compared(source):
    text = complaint(**{"downloads/pets/pets.zip/sources": [source]})
    assert "pets.zip.sources.0" in text
    assert "expected text that matches" in text


def test_missing_keys_get_their_defaults():
    config = small()
    check(config, SCHEMA)
    assert config["backbone"]["size"] == 224
    assert config["mirror"] is None
    assert config["datasets"]["pets"]["split"] == {"folds": 5}
    assert config["datasets"]["pets"]["submission"] == {"id": "id", "positive": None, "clip": "validation"}
    assert config["downloads"]["pets"]["pets.zip"]["sha256"] is None
    assert config["recipes"]["head"]["network"] == {
        "blocks": [],
        "pooling": "max",
        "dense": [],
        "batch_norm": False,
        "dropout": 0,
        "feature_norm": None,
        "l1": 0,
        "l2": 0,
    }


def test_augmentation_that_names_one_change_has_zero_for_the_others():
    config = small(**{"recipes/tuned/augmentation": {"rotation": 15}})
    check(config, SCHEMA)
    changes = config["recipes"]["tuned"]["augmentation"]
    assert changes.pop("rotation") == 15
    assert not any(changes.values())
    assert len(changes) == 7


def test_defaults_are_not_shared_between_entries():
    config, other = small(), small()
    check(config, SCHEMA)
    config["recipes"]["head"]["network"]["dense"].append(128)
    check(other, SCHEMA)
    assert config["recipes"]["tuned"]["network"]["dense"] == []
    assert other["recipes"]["head"]["network"]["dense"] == []


def test_checking_twice_changes_nothing():
    once, twice = small(), small()
    check(once, SCHEMA)
    check(twice, SCHEMA)
    check(twice, SCHEMA)
    assert twice == once


@pytest.mark.parametrize(
    ("unfreeze_from", "feature_layer"), [("head", "block5_pool"), ("block5", "block4_pool"), ("block2", "block1_pool")]
)
def test_where_training_begins_sets_the_feature_layer(unfreeze_from, feature_layer):
    config = small(**{"recipes/tuned/unfreeze_from": unfreeze_from})
    check(config, SCHEMA)
    assert config["recipes"]["tuned"]["feature_layer"] == feature_layer == backbones.below(unfreeze_from)


@pytest.mark.parametrize("nothing", ["null", "None", ""])
@pytest.mark.parametrize("key", ["mirror", "only"])
def test_null_on_the_command_line_is_none(key, nothing):
    config = small(**{key: nothing})
    check(config, SCHEMA)
    assert config[key] is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("mirror", "ftp://me:secret@example.org/a?key=secret"),
        ("downloads/pets/pets.zip/sources", {"url": "http://me:secret@example.org"}),
        ("downloads/pets/pets.zip/sources", [{"url": "ftp://me:secret@example.org"}]),
        ("downloads/pets/pets.zip/sources", [{"url": "http://me:secret@example.org", "kaggle": "pets"}]),
    ],
)
def test_credentials_stay_out_of_what_is_said_of_a_wrong_config(key, value):
    said = complaint(**{key: value})
    assert "example.org" in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("datasets/pets/classes", [0, 1], ["0", "1"]),
        ("datasets/pets/classes", [0.5, "cat", 2024], ["0.5", "cat", "2024"]),
        ("datasets/pets/classes", [datetime.date(2024, 1, 5), "cat"], ["2024-01-05", "cat"]),
        ("container", 2024, "2024"),
        ("recipes/tuned/skip", 7, "7"),
    ],
)
def test_a_number_is_its_text_for_what_is_a_name_or_a_path(path, value, text):
    config = small(**{path: value, "datasets/pets/submission": None})
    check(config, SCHEMA)
    for key in path.split("/"):
        config = config[key]
    assert config == text


def test_a_key_that_is_a_number_is_its_text():
    config = small()
    config["downloads"][2024] = config["downloads"]["pets"]
    check(config, SCHEMA)
    assert "2024" in config["downloads"] and 2024 not in config["downloads"]


def test_a_folder_that_is_named_like_a_number_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "2024").mkdir()
    config = small(classify_images=2024, classify_recipe="head", only="pets")
    check(config, SCHEMA)
    assert config["classify_images"] == "2024"
    wrong = {"classify_images": 7, "classify_recipe": "head", "only": "pets"}
    assert "classify_images: no such folder (got '7')." in complaint(**wrong)
    assert "put quotes around text such as 007 or 1_000" in complaint(**wrong)


def test_a_word_that_yaml_reads_as_a_truth_value_wants_quotes():
    said = complaint(**{"datasets/pets/classes": [True, False]})
    assert "datasets.pets.classes.0: got True, expected string. YAML reads yes, no, on and off as booleans" in said


def test_numbers_stay_numbers_where_the_schema_takes_them():
    config = small(seed=7)
    check(config, SCHEMA)
    assert config["seed"] == 7
    assert isinstance(config["recipes"]["head"]["network"]["dropout"], int | float)


@pytest.mark.parametrize("text", ["2024", "007", "1_000", "holiday #1", "it's {new}", "a: b", "[a]", "True", "nan"])
def test_a_folder_on_the_command_line_is_taken_as_it_is_written(text):
    config = {**parse_config([f"classify_images={text}"]), "seed": 1, "classify_recipe": "head"}
    as_written(config, [f"classify_images={text}", "seed=2", "classify_recipe="])
    assert config == {"classify_images": text, "seed": 1, "classify_recipe": "head"}
    as_written(config, None)
