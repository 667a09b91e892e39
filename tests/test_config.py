"""The config: shipped ones pass, wrong ones give one line that names the key, the value and what is allowed."""

from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from headstart import cuts, recipes
from headstart.config import check
from headstart.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"
DEFAULT = ("sources.yaml", "config.yaml")
OVERLAYS = sorted(path.name for path in (ROOT / "config").glob("*.yaml") if path.name not in DEFAULT)
MISSING = object()
SMALL = r"""
seed: 1
downloads:
  vgg16:
    vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5: {sources: [{url: "https://example.org/notop.h5"}]}
    vgg16_weights_tf_dim_ordering_tf_kernels.h5: {sources: [{url: "https://example.org/top.h5"}]}
  pets:
    pets.zip: {sources: [{url: "https://example.org/pets.zip"}]}
datasets:
  pets:
    files: [pets.zip]
    images: {train: ['(?P<label>cat|dog)/(?P<id>\d+)\.jpg']}
    classes: [cat, dog]
    recipes: [head, tuned]
    submission: {id: id}
recipes:
  head: {kind: head, members: 2, schedules: {fast: {epochs: 1, batch: 2, learning_rate: 0.1}}}
  tuned: {kind: fine-tune, start: head, schedules: {fast: {epochs: 1, batch: 2, learning_rate: 0.1}}}
"""


def small(**changes):
    """The smallest config that can work, changed: ``{"recipes/head/members": 0}``."""
    config = yaml.safe_load(SMALL)
    for path, value in changes.items():
        *places, key = path.split("/")
        entry = config
        for place in places:
            entry = entry.setdefault(place, {})
        if value is MISSING:
            del entry[key]
        else:
            entry[key] = value
    return config


def complaint(**changes):
    """The text of the `InputError` for a changed config."""
    with pytest.raises(InputError) as caught:
        check(small(**changes), SCHEMA)
    return str(caught.value)


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
    ("datasets/pets/zzz", 1, "unknown key datasets.pets.zzz; expected one of classes, files,"),
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


@pytest.mark.parametrize("pattern", [r"(?P<id>\d+", r"\d+\.jpg"], ids=["no regex", "no id group"])
def test_an_image_pattern_that_cannot_give_an_id_is_refused(pattern):
    assert "datasets.pets.images.train" in complaint(**{"datasets/pets/images": {"train": [pattern]}})


@pytest.mark.parametrize(
    "source",
    [
        {},
        {"member": "a"},
        {"pip": "a==1"},
        {"npm": "a@1"},
        {"pip": "a==1", "npm": "a@1", "member": "a"},
    ],
    ids=str,
)
def test_a_source_is_of_one_kind_and_a_package_names_its_member(source):
    assert "downloads.pets.pets.zip.sources" in complaint(**{"downloads/pets/pets.zip/sources": [source]})


def test_a_whole_number_with_a_point_is_refused():
    assert "recipes.head.schedules.fast.epochs" in complaint(**{"recipes/head/schedules/fast/epochs": 2.0})


def test_a_rate_that_is_no_number_is_refused():
    assert "learning_rate" in complaint(**{"recipes/head/schedules/fast/learning_rate": float("nan")})


def test_a_cut_at_a_dense_layer_needs_images_of_224():
    assert "recipes.wide.cut" in complaint(
        **{
            "trunk/size": 64,
            "recipes/wide": {"kind": "head", "cut": "fc2", "schedules": small()["recipes"]["head"]["schedules"]},
            "datasets/pets/recipes": ["wide"],
        }
    )


def test_missing_keys_get_their_defaults():
    config = small()
    check(config, SCHEMA)
    assert config["trunk"]["size"] == 224
    assert config["mirror"] is None
    assert config["datasets"]["pets"]["split"] == {"folds": 5}
    assert config["datasets"]["pets"]["submission"] == {"id": "id", "positive": None, "clip": [0, 1]}
    assert config["downloads"]["pets"]["pets.zip"]["sha256"] is None
    assert config["recipes"]["head"]["network"] == {"blocks": [], "dense": [], "batch_norm": False, "dropout": 0}


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


def test_a_rendered_dataset_needs_no_downloads():
    config = small(**{"datasets/pets/files": ["train.zip"], "downloads/pets": {}})
    config["datasets"]["pets"]["rendered"] = {"scene": "pets", "train": 10, "test": 1}
    check(config, SCHEMA)
    assert config["datasets"]["pets"]["files"] == ["train.zip"]


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("mirror", "no/such/folder", "mirror: got 'no/such/folder', expected a folder that is there"),
        (
            "datasets/pets/classes",
            ["cat", "Cat"],
            "datasets.pets.classes: got ['cat', 'Cat'], expected names that differ",
        ),
        ("datasets/pets/classes", ["cat", ""], "none empty"),
        ("datasets/pets/files", ["sub/pets.zip"], "datasets.pets.files.0: got 'sub/pets.zip', expected text like"),
        (
            "datasets/pets/rendered",
            {"scene": "pets", "train": 10, "test": 1},
            "expected one that rendered.scene pets draws",
        ),
        (
            "datasets/pets/table",
            {"file": "a.csv", "id": "id", "group": "who"},
            "table.file: got 'a.csv', expected one of files",
        ),
        (
            "datasets/pets/lecture",
            {"hed": {"member": 0.9}},
            "datasets.pets.lecture: got 'hed', expected names of recipes: head, tuned",
        ),
        (
            "datasets/pets/submission",
            {"id": "label"},
            "submission.id: got 'label', expected a name that no other column has",
        ),
        ("downloads/a(b", {}, "downloads: got 'a(b', expected text like"),
        ("downloads/vgg16/x.h5", {"sources": [], "sha256": "0" * 32}, "(64 small hexadecimal digits)"),
        ("recipes/head/augmentation", {"rotation": 5}, "expected none: augmentation means nothing to kind head"),
        ("recipes/tuned/network", {"dense": [4]}, "expected none: head, from which it starts, brings the head"),
        (
            "recipes/head/schedules/fast/warmup",
            9,
            "recipes.head.schedules.fast.warmup: got 9, expected at most its epochs",
        ),
        ("recipes/head/hold_out", False, "recipes.head.hold_out: got False, expected none: hold_out means nothing to"),
        ("recipes/head/schedules", {"lecture": {"batch": 1}}, "recipes.head.schedules: the key fast is missing"),
        (
            "recipes/head/schedules/fast/epochs",
            None,
            "fast.epochs: got none, expected epochs and learning_rate, or steps",
        ),
        ("recipes/head/schedules/fast/steps", [[1, 0.1]], "fast.epochs: got 1, expected none beside steps"),
        ("recipes/head/schedules/lecture", {"batch": 2, "steps": []}, "lecture.steps: expected 1 or more items, got 0"),
        ("recipes/head/schedules/lecture", {"batch": 2, "steps": [[0, 0.1]]}, "steps.0.0: got 0, expected 1 or more"),
        (
            "recipes/head/schedules/lecture",
            {"batch": 2, "steps": [[1, 0.0]]},
            "steps.0.1: got 0.0, expected more than 0",
        ),
        (
            "recipes/head/schedules/lecture",
            {"batch": 2, "steps": [[1, 0.1]], "decay": "cosine"},
            "lecture.decay: got 'cosine', expected none beside steps",
        ),
        ("recipes/head/surgery/rescale", True, "recipes.head.surgery.rescale: got true, expected dropout beside it"),
        ("recipes/head/skip", "too big", "recipes.tuned.start: got 'head', expected a recipe that runs: head has skip"),
        ("datasets/pets/images", {"test": [r"(?P<id>\d+)"]}, "datasets.pets.images: the key train is missing"),
        ("recipes/head/surgery/dropout", 0, "expected none: it is done on what a recipe starts from"),
        ("recipes/tuned/surgery/dropout", 0, "expected none: surgery means nothing to kind fine-tune"),
        ("recipes/head/surgery/dropout", 1, "recipes.head.surgery.dropout: got 1, expected less than 1"),
        ("recipes/tuned/vary", "fold", "recipes.tuned.vary: got 'fold', expected 'seed', as head has"),
        ("recipes/head/vary", "driver", "recipes.head.vary: got 'driver', expected one of seed, fold"),
        ("only", "dogs", "only: got 'dogs', expected names of datasets: pets"),
        ("only", ["pets", "dogs"], "only: got 'dogs', expected names of datasets: pets"),
        ("recipes/head/network", {"dropout": [0.5, 0.5]}, "expected 1 shares: dense layers and output"),
    ],
)
def test_what_does_not_fit_together_is_refused(path, value, said):
    text = complaint(**{path: value})
    assert said in text
    assert "\n" not in text


def test_members_go_round_the_folds():
    entry = {"hold_out": True, "vary": "fold"}
    assert [recipes.fold(entry, member, 3) for member in range(1, 8)] == [0, 1, 2, 0, 1, 2, 0]
    assert {recipes.fold({**entry, "vary": "seed"}, member, 3) for member in range(1, 8)} == {0}
    assert recipes.fold({"hold_out": False, "vary": "seed"}, 2, 3) is None
    assert recipes.validated({**entry, "members": 7}, 3) == [0, 1, 2]
    assert recipes.validated({**entry, "vary": "seed", "members": 6}, 3) == [0]
    assert recipes.validated({"hold_out": False, "vary": "seed", "members": 6}, 3) == []


LECTURE = {"batch": 2, "steps": [[1, 0.001], [4, 0.1]]}


def test_another_schedule_is_another_recipe():
    config = small(**{"recipes/head/schedules/lecture": LECTURE, "datasets/pets/recipes": ["head", "head-lecture"]})
    check(config, SCHEMA)
    found = recipes.each(config["recipes"])
    assert list(found) == ["head", "head-lecture", "tuned"]
    own, other = found["head"].pop("schedule"), found["head-lecture"].pop("schedule")
    assert (recipes.epochs(own), recipes.epochs(other)) == (1, 5)
    assert other["steps"] == LECTURE["steps"]
    assert found["head"] == found["head-lecture"]
    assert found["head"]["entry"] == "head"


def test_a_schedule_cannot_give_the_name_of_a_recipe_that_is_there():
    config = small(**{"recipes/head/schedules/lecture": LECTURE})
    config["recipes"]["head-lecture"] = config["recipes"]["tuned"]
    with pytest.raises(InputError, match="recipes: got two that are called 'head-lecture', one by a schedule"):
        check(config, SCHEMA)


def test_two_schedules_cannot_give_the_same_name():
    config = small(**{"recipes/head/schedules/b-c": LECTURE})
    config["recipes"]["head-b"] = {**small()["recipes"]["head"], "schedules": {"fast": LECTURE, "c": LECTURE}}
    with pytest.raises(InputError, match="recipes: got two that are called 'head-b-c'"):
        check(config, SCHEMA)


def test_a_head_starts_from_a_head_on_the_same_cut():
    head = small()["recipes"]["head"]
    changes = {"recipes/next": {**head, "start": "head", "surgery": {"dropout": 0}}}
    check(small(**changes), SCHEMA)
    text = complaint(**changes, **{"recipes/next/cut": "block4_pool"})
    assert "recipes.next.start: got 'head', expected a head on block4_pool: there is none" in text


def test_a_circle_of_starts_is_refused():
    entry = small()["recipes"]["tuned"]
    changes = {"recipes/tuned/start": "other", "recipes/other": {**entry, "start": "third"}}
    text = complaint(**changes, **{"recipes/third": {**entry, "start": "tuned"}})
    assert "recipes.tuned.start: got 'other', expected no circle: tuned → other → third → tuned" in text


DIGITS = {"kind": "digits", "hold_out": False, "schedules": {"fast": {"epochs": 1, "batch": 2, "learning_rate": 0.1}}}


@pytest.mark.parametrize(
    ("test", "labelled"),
    [([], False), ([r"test/(?P<id>\d+)\.jpg"], False), ([r"test/(?P<label>cat|dog)/(?P<id>\d+)\.jpg"], True)],
)
def test_training_on_all_images_needs_labelled_test_images(test, labelled):
    config = small(**{"recipes/all": DIGITS, "datasets/pets/recipes": ["all"]})
    config["datasets"]["pets"]["images"]["test"] = test
    if labelled:
        check(config, SCHEMA)
    else:
        with pytest.raises(InputError, match="datasets.pets.recipes: got 'all', expected recipes that hold validation"):
            check(config, SCHEMA)


def test_a_dataset_cannot_take_the_name_of_a_folder_of_ours():
    config = small()
    config["datasets"]["logs"] = config["datasets"].pop("pets")
    with pytest.raises(InputError, match="datasets.logs: got the name 'logs'"):
        check(config, SCHEMA)


@pytest.mark.parametrize("nothing", ["null", "None", ""])
@pytest.mark.parametrize("key", ["mirror", "only"])
def test_null_on_the_command_line_is_none(key, nothing):
    config = small(**{key: nothing})
    check(config, SCHEMA)
    assert config[key] is None


def test_augmentation_goes_through_the_trunk_in_the_precision_of_its_features():
    changes = {"recipes/tuned/augmentation": {"rotation": 5}, "recipes/tuned/precision": "bfloat16"}
    assert "recipes.tuned.precision: got 'bfloat16', expected trunk.precision, float32" in complaint(**changes)
