"""The config: shipped ones pass, wrong ones give one line that names the key, the value and what is allowed."""

import datetime

import pytest
import yaml
from small_config import ROOT, SCHEMA, complaint, small
from snakemake.cli import parse_config
from snakemake.utils import update_config
from wrong_configs import KEYS, RANGES, TYPES

from headstart import cuts
from headstart.config import as_written, check

DEFAULT = ("sources.yaml", "config.yaml")
OVERLAYS = sorted(path.name for path in (ROOT / "config").glob("*.yaml") if path.name not in DEFAULT)


@pytest.mark.parametrize("overlay", [None, *OVERLAYS])
def test_a_shipped_config_passes(overlay):
    config = {}
    for name in filter(None, [*DEFAULT, overlay]):
        update_config(config, yaml.safe_load((ROOT / "config" / name).read_text(encoding="utf-8")))
    check(config, SCHEMA)
    assert config["datasets"]


def test_the_small_config_of_these_tests_passes():
    check(small(), SCHEMA)


@pytest.mark.parametrize(("path", "value", "said"), KEYS + TYPES + RANGES)
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
    assert "expected text like" in text


def test_missing_keys_get_their_defaults():
    config = small()
    check(config, SCHEMA)
    assert config["trunk"]["size"] == 224
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
        "scale": None,
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
    ("depth", "cut"), [("head", "block5_pool"), ("block5", "block4_pool"), ("block2", "block1_pool")]
)
def test_the_depth_sets_the_cut(depth, cut):
    config = small(**{"recipes/tuned/depth": depth})
    check(config, SCHEMA)
    assert config["recipes"]["tuned"]["cut"] == cut == cuts.below(depth)


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
    config = small(images=2024, recipe="head", only="pets")
    check(config, SCHEMA)
    assert config["images"] == "2024"
    assert "images: got '7', expected a folder that is there" in complaint(images=7, recipe="head", only="pets")
    assert "as 007 or 1_000, put it into quotes" in complaint(images=7, recipe="head", only="pets")


def test_a_word_that_yaml_reads_as_a_truth_value_wants_quotes():
    said = complaint(**{"datasets/pets/classes": [True, False]})
    assert "datasets.pets.classes.0: got True, expected string; YAML reads yes, no, on and off so" in said


def test_numbers_stay_numbers_where_the_schema_takes_them():
    config = small(seed=7)
    check(config, SCHEMA)
    assert config["seed"] == 7
    assert isinstance(config["recipes"]["head"]["network"]["dropout"], int | float)


@pytest.mark.parametrize("text", ["2024", "007", "1_000", "holiday #1", "it's {new}", "a: b", "[a]", "True", "nan"])
def test_a_folder_on_the_command_line_is_taken_as_it_is_written(text):
    config = {"images": parse_config([f"images={text}"])["images"], "seed": 1, "recipe": "head"}
    as_written(config, [f"images={text}", "seed=2", "recipe="])
    assert config == {"images": text, "seed": 1, "recipe": "head"}
    as_written(config, None)
