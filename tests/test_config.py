"""The config: shipped ones pass, wrong ones give one line that names the key, the value and what is allowed."""

import pytest
import yaml
from small_config import MISSING, ROOT, SCHEMA, complaint, small
from snakemake.utils import update_config

from headstart import cuts
from headstart.config import check

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


WRONG = [
    ("sed", 1, "unknown key sed; did you mean seed? expected one of datasets, downloads,"),
    (
        "recipes/head/schedules/fast/epoch",
        3,
        "unknown key recipes.head.schedules.fast.epoch; did you mean epochs? expected one of",
    ),
    ("recipes/head/network/droput", 0.5, "unknown key recipes.head.network.droput; did you mean dropout?"),
    ("datasets/pets/images/trian", [], "unknown key datasets.pets.images.trian; did you mean train?"),
    ("datasets/pets/zzz", 1, "unknown key datasets.pets.zzz; expected one of audit, classes, files,"),
    ("seed", MISSING, "top level: the key seed is missing"),
    ("recipes/head/kind", MISSING, "recipes.head: the key kind is missing"),
    ("seed", -1, "seed: got -1, expected 0 or more"),
    ("mirror", 5, "mirror: got 5, expected string or null"),
    ("recipes/head/kind", "haed", "recipes.head.kind: got 'haed', expected one of digits, head, fine-tune"),
    ("recipes/head/schedules/fast/epochs", "ten", "recipes.head.schedules.fast.epochs: got 'ten', expected integer"),
    ("recipes/head/schedules/fast/epochs", 0, "recipes.head.schedules.fast.epochs: got 0, expected 1 or more"),
    ("recipes/head/schedules/fast/epochs", True, "recipes.head.schedules.fast.epochs: got True, expected integer"),
    (
        "recipes/head/schedules/fast/learning_rate",
        -0.1,
        "head.schedules.fast.learning_rate: got -0.1, expected more than 0",
    ),
    (
        "recipes/head/schedules/fast/learning_rate",
        0,
        "recipes.head.schedules.fast.learning_rate: got 0, expected more than 0",
    ),
    (
        "recipes/head/schedules/fast/decay",
        "linear",
        "schedules.fast.decay: got 'linear', expected one of constant, cosine",
    ),
    ("recipes/head/network/dropout", 1, "recipes.head.network.dropout: got 1, expected less than 1"),
    ("recipes/head/network/dense", [8, 0], "recipes.head.network.dense.1: got 0, expected 1 or more"),
    ("recipes/head/augmentation/flip", 1, "recipes.head.augmentation.flip: got 1, expected boolean"),
    ("recipes/head/pixels", [28, 28], "recipes.head.pixels: expected 3 or more items, got 2"),
    ("recipes/head/cut", "block6_pool", "recipes.head.cut: got 'block6_pool', expected one of block1_pool,"),
    ("recipes/head/members", 0, "recipes.head.members: got 0, expected 1 or more"),
    ("recipes/head/start", "head", "recipes.head.start: got 'head', expected no circle: head → head"),
    ("recipes/tuned/start", "nobody", "recipes.tuned.start: got 'nobody', expected a head on block5_pool: head"),
    ("recipes/tuned/start", "tuned", "recipes.tuned.start: got 'tuned', expected no circle: tuned → tuned"),
    ("recipes/head/cut", "block4_pool", "tuned.start: got 'head', expected a head on block5_pool: there is none"),
    ("recipes/tuned/members", 3, "recipes.tuned.members: got 3, expected at most 2"),
    (
        "recipes/tuned/cut",
        "block3_pool",
        "recipes.tuned.cut: got 'block3_pool', expected none: cut means nothing to kind fine-tune",
    ),
    ("datasets/pets/recipes", ["haed"], "datasets.pets.recipes: got 'haed', expected names of recipes: head, tuned"),
    ("datasets/pets/files", ["cats.zip"], "files: got 'cats.zip', expected one under downloads.pets: pets.zip"),
    ("datasets/pets/idx", {"train": ["a", "b"]}, "datasets.pets: expected either idx or images, got both"),
    ("datasets/pets/images", None, "datasets.pets: expected either idx or images, got neither"),
    ("datasets/pets/classes", ["cat"], "datasets.pets.classes: expected 2 or more items, got 1"),
    ("datasets/pets/split/folds", 1, "datasets.pets.split.folds: got 1, expected 2 or more"),
    ("datasets/pets/limit/train", 0, "datasets.pets.limit.train: got 0, expected 1 or more"),
    ("datasets/pets/submission/clip", [0.9, 0.1], "submission.clip: got [0.9, 0.1], expected the lower limit first"),
    ("datasets/pets/submission/clip", "lecture", "submission.clip: got 'lecture', expected text like ^validation$"),
    ("datasets/pets/submission/clip", [0.5, 2], "datasets.pets.submission.clip.1: got 2, expected 1 or less"),
    ("datasets/pets/submission/positive", "bird", "submission.positive: got 'bird', expected one of ['cat', 'dog']"),
    ("datasets/Pets!", {}, "datasets: got 'Pets!', expected text like"),
    ("downloads/pets/pets.zip/sha256", "abc", "downloads.pets.pets.zip.sha256: got 'abc', expected text like"),
    ("trunk/size", 16, "trunk.size: got 16, expected 32 or more"),
    ("trunk/weights", "none.h5", "trunk.weights: got 'none.h5', expected a file under downloads.vgg16"),
]


@pytest.mark.parametrize(("path", "value", "said"), WRONG, ids=[f"{path}={value!r}" for path, value, _ in WRONG])
def test_a_wrong_config_gives_one_line_that_names_key_value_and_what_is_allowed(path, value, said):
    text = complaint(**{path: value})
    assert text.startswith("config: ")
    assert said in text
    assert "\n" not in text


def test_a_whole_number_with_a_point_is_refused():
    assert "recipes.head.schedules.fast.epochs" in complaint(**{"recipes/head/schedules/fast/epochs": 2.0})


def test_a_rate_that_is_no_number_is_refused():
    assert "learning_rate" in complaint(**{"recipes/head/schedules/fast/learning_rate": float("nan")})


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
    assert len(changes) == 6


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
