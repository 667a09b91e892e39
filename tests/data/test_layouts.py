"""Which file is a picture of which part and class."""

import unicodedata
from pathlib import Path

import pytest

from headstart.config import datasets, image_folders
from headstart.core.errors import InputError
from headstart.core.listing import listed
from headstart.data import layouts

CLASSES = ["cat", "dog"]
PATTERN = r"train/(?P<label>[a-z]+)/(?P<id>\d+)\.jpg"
BY_CLASS = {"train": image_folders.BY_CLASS}
BOTH = {"train": image_folders.BY_CLASS, "test": image_folders.BY_CLASS}


def touch(root, *paths):
    """Make empty files under ``root``."""
    for path in paths:
        Path(root, path).parent.mkdir(parents=True, exist_ok=True)
        Path(root, path).touch()


def find(root, patterns, classes=CLASSES, **options):
    """The rows and the reasons of what is under ``root``."""
    return layouts.find(root, listed(root), patterns, classes, dataset="pets", **options)


def found(root, patterns, **options):
    """``{path: (label, part)}`` of the pictures under ``root``."""
    rows, _ = find(root, patterns, **options)
    return {row.path: (row.label, row.part) for row in rows.itertuples()}


def refused(root, patterns, **options):
    """The text of the `InputError`: one line that names the folder."""
    with pytest.raises(InputError) as caught:
        find(root, patterns, **options)
    assert str(root) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_pattern_gives_id_and_label(tmp_path):
    touch(tmp_path, "train/dog/2.jpg", "train/cat/1.jpg", "train/notes.txt")
    rows, why = find(tmp_path, {"train": [PATTERN]})
    assert rows[["id", "path", "label", "part"]].values.tolist() == [
        ["1", "train/cat/1.jpg", "cat", "train"],
        ["2", "train/dog/2.jpg", "dog", "train"],
    ]
    assert why == {"train/notes.txt": "matches no pattern"}


def test_a_pattern_fits_the_end_of_a_path_in_whole_components(tmp_path):
    touch(tmp_path, "imgs/deep/train/cat/1.jpg", "imgs/nottrain/cat/2.jpg", "train/cat/3.jpg.txt")
    assert list(found(tmp_path, {"train": [PATTERN]})) == ["imgs/deep/train/cat/1.jpg"]


def test_the_first_pattern_of_a_part_that_fits_counts(tmp_path):
    touch(tmp_path, "train/cat/1.jpg", "dog.2.jpg")
    rows, _ = find(tmp_path, {"train": [PATTERN, r"(?P<id>(?P<label>dog)\.\d+)\.jpg", r"(?P<id>.*)\.jpg"]})
    assert rows["id"].tolist() == ["dog.2", "1"]


def test_labels_are_known_in_any_case(tmp_path):
    touch(tmp_path, "PetImages/Cat/1.jpg", "PetImages/DOG/2.jpg")
    expected = {"PetImages/Cat/1.jpg": ("cat", "train"), "PetImages/DOG/2.jpg": ("dog", "train")}
    assert found(tmp_path, {"train": [r"(?P<label>\w+)/(?P<id>\d+)\.jpg"]}) == found(tmp_path, BY_CLASS) == expected


def test_a_pattern_without_a_label_leaves_it_empty(tmp_path):
    touch(tmp_path, "train/cat/1.jpg", "test/1.jpg")
    patterns = {"train": [PATTERN], "test": [r"test/(?P<id>\d+)\.jpg"]}
    assert found(tmp_path, patterns)["test/1.jpg"] == ("", "test")


def test_a_label_that_is_no_class_is_refused_or_left_out(tmp_path):
    touch(tmp_path, "train/bird/1.jpg", "train/cat/2.jpg")
    said = refused(tmp_path, {"train": [PATTERN]})
    assert "unknown classes (got 1 of 'bird', for example train/bird/1.jpg). Expected cat, dog." in said
    assert "datasets.pets.other_classes to leave_out" in said
    rows, why = find(tmp_path, {"train": [PATTERN]}, other="leave_out")
    assert rows["path"].tolist() == ["train/cat/2.jpg"]
    assert why == {"train/bird/1.jpg": "unknown class (bird)"}


def test_patterns_that_fit_nothing_are_refused(tmp_path):
    touch(tmp_path, "train/cat/1.png", "notes.txt")
    said = refused(tmp_path, {"train": [PATTERN]})
    assert "no file matches the train patterns" in said
    assert "got 1 .png, 1 .txt: 1 in the folder itself, 1 in train" in said


def test_a_folder_whose_name_fits_is_no_image(tmp_path):
    touch(tmp_path, "train/cat/1.jpg", "train/cat/2.jpg/Thumbs")
    assert list(found(tmp_path, {"train": [PATTERN]})) == ["train/cat/1.jpg"]


def test_a_path_that_patterns_of_two_parts_claim_is_refused_with_both(tmp_path):
    touch(tmp_path, "train/cat/1.jpg", "test/cat/2.jpg")
    wide, narrow = r"(?P<label>cat|dog)/(?P<id>\d+)\.jpg", r"test/(?P<label>cat|dog)/(?P<id>\d+)\.jpg"
    said = refused(tmp_path, {"train": [wide], "test": [narrow]})
    assert "test/cat/2.jpg: in two parts" in said
    assert f"path_patterns.train {wide!r}" in said
    assert f"path_patterns.test {narrow!r}" in said


@pytest.mark.parametrize("how", [image_folders.BY_CLASS, image_folders.ALL])
def test_what_a_test_pattern_claims_does_not_train(tmp_path, how):
    touch(tmp_path, "cat/1.jpg", "dog/2.jpg", "held/cat/3.jpg", "held/dog/4.jpg")
    test = r"held/(?P<id>(?P<label>cat|dog)/\d+)\.jpg"
    parts = {path: part for path, (_, part) in found(tmp_path, {"train": how, "test": [test]}).items()}
    expected = {"cat/1.jpg": "train", "dog/2.jpg": "train", "held/cat/3.jpg": "test", "held/dog/4.jpg": "test"}
    assert parts == expected


def test_paths_fit_a_pattern_in_any_case_and_hidden_files_do_not_count(tmp_path):
    touch(tmp_path, "train/cat/1.JPG", "train/cat/._2.jpg", "__MACOSX/train/cat/3.jpg", ".x/train/cat/4.jpg")
    assert list(found(tmp_path, {"train": [PATTERN]})) == ["train/cat/1.JPG"]


def test_ids_of_a_folder_are_the_paths_below_it(tmp_path):
    touch(tmp_path, "cat/0.png", "dog/0.png", "more/dog/2023/0.png")
    rows, _ = find(tmp_path, BY_CLASS)
    assert rows["id"].tolist() == rows["path"].tolist() == ["cat/0.png", "dog/0.png", "more/dog/2023/0.png"]
    assert rows["label"].tolist() == ["cat", "dog", "dog"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("named", ["NFC", "NFD"])
def test_class_folders_are_known_in_any_composition(tmp_path, form, named):
    touch(tmp_path, unicodedata.normalize(form, "Café/0.png"), "thé/0.png")
    classes = [unicodedata.normalize(named, "café"), "thé"]
    rows, _ = find(tmp_path, BY_CLASS, classes=classes)
    assert rows["label"].tolist() == classes
    pattern = unicodedata.normalize(named, r"(?P<id>(?P<label>café|thé)/\d+)\.png")
    assert find(tmp_path, {"train": [pattern]}, classes=classes)[0]["label"].tolist() == classes


def test_two_classes_on_one_way_are_refused_with_the_path(tmp_path):
    touch(tmp_path, "cat/0.png", "dog/cat/0.png", "dog/dog/1.png")
    assert "dog/cat/0.png: in folders of two classes (got dog and cat)" in refused(tmp_path, BY_CLASS)
    (tmp_path / "dog" / "cat" / "0.png").unlink()
    assert found(tmp_path, BY_CLASS)["dog/dog/1.png"] == ("dog", "train")


@pytest.mark.parametrize("above", ["", "photos/", "data/photos/"])
def test_folders_beside_those_of_classes_are_refused_with_their_counts_or_left_out(tmp_path, above):
    touch(
        tmp_path,
        *(f"{above}{path}" for path in ("cat/0.png", "dog/a/1.png", "rose/2023/2.png", "rose/3.png", "bee/4.png")),
    )
    said = refused(tmp_path, BY_CLASS)
    assert f"unknown classes (got 2 of '{above}rose', 1 of '{above}bee'" in said
    rows, why = find(tmp_path, BY_CLASS, other="leave_out")
    assert len(rows) == 2
    assert why[f"{above}rose/2023/2.png"] == f"unknown class ({above}rose)"
    assert len(why) == 3


def test_folders_without_pictures_and_pictures_above_the_classes_are_no_error(tmp_path):
    touch(tmp_path, "cat/0.png", "dog/0.png", "notes/a.txt", "overview.png")
    (tmp_path / "empty").mkdir()
    rows, why = find(tmp_path, BY_CLASS)
    assert len(rows) == 2
    assert why == {"notes/a.txt": "unsupported suffix", "overview.png": "in no class folder"}


@pytest.mark.parametrize("how", [image_folders.BY_CLASS, image_folders.ALL])
def test_where_no_picture_is_found_the_error_says_what_there_is(tmp_path, how):
    touch(tmp_path, *(f"{name}/{number}.xyz" for name in CLASSES for number in range(8)), "readme.txt")
    said = refused(tmp_path, {"train": how})
    assert "(got 16 .xyz, 1 .txt: 8 in cat, 8 in dog, 1 in the folder itself)" in said
    assert "(?P" not in said


def test_where_no_folder_is_named_like_a_class_the_error_says_which_there_are(tmp_path):
    touch(tmp_path, "Katzen/1.jpg", "Hunde/1.jpg", "Hunde/2.jpg")
    said = refused(tmp_path, BY_CLASS)
    assert "is in a folder named after a class (got 3 .jpg: 2 in Hunde, 1 in Katzen). Expected cat, dog." in said
    (tmp_path / "none").mkdir()
    assert "got no files" in refused(tmp_path / "none", BY_CLASS)


SPLITS = [
    ("train/{}/0.png", "val/{}/0.png", "test/{}/0.png"),
    ("Training/{}/0.png", "Validation/{}/0.png", "Testing/{}/0.png"),
    ("set/train/{}/a/0.png", "set/valid/{}/a/0.png", "set/test/{}/a/0.png"),
    ("seg_train/seg_train/{}/0.png", "seg_val/seg_val/{}/0.png", "seg_test/seg_test/{}/0.png"),
    ("training_set/{}/0.png", "validation_set/{}/0.png", "test_set/{}/0.png"),
    ("train2017/{}/0.png", "val2017/{}/0.png", "test2017/{}/0.png"),
    ("{}/0.png", "val/{}/0.png", "test/{}/0.png"),
]


@pytest.mark.parametrize("ways", SPLITS, ids=lambda ways: ways[0])
def test_folders_named_like_parts_say_the_part(tmp_path, ways):
    train, val, test = ([way.format(name) for name in CLASSES] for way in ways)
    touch(tmp_path, *train, *val, *test)
    assert image_folders.test_part(tmp_path, CLASSES, "leave_out") == image_folders.BY_CLASS
    parts = {path: part for path, (_, part) in found(tmp_path, BOTH).items()}
    assert parts == dict.fromkeys(train, "train") | dict.fromkeys(test, "test")
    _, why = find(tmp_path, BOTH)
    assert sorted(why) == val
    assert all("to use it, set validation_folders to train or test" in reason for reason in why.values())
    for part in image_folders.PARTS:
        assert found(tmp_path, BOTH, validation=part)[val[0]] == ("cat", part)


def test_a_test_folder_without_classes_is_an_unlabelled_test_part(tmp_path):
    touch(tmp_path, "train/cat/0.png", "train/dog/0.png", "test/1.png", "test/deep/2.png")
    assert image_folders.test_part(tmp_path, CLASSES, "leave_out") == image_folders.ALL
    rows = found(tmp_path, {"train": image_folders.BY_CLASS, "test": image_folders.ALL})
    assert rows["test/1.png"] == rows["test/deep/2.png"] == ("", "test")


@pytest.mark.parametrize(
    "paths",
    [
        ["train/cat/0.png", "train/dog/0.png"],
        ["train/cat/0.png", "val/cat/0.png"],
        ["train/cat/0.png", "test/cat/notes.txt"],
        ["cat/0.png", "dog/blood_test/0.png", "dog/contest/0.png", "latest/dog/1.png"],
    ],
    ids=["train alone", "train and val", "no picture in test", "other names"],
)
def test_where_no_folder_is_named_test_there_is_no_test_part(tmp_path, paths):
    touch(tmp_path, *paths)
    assert image_folders.test_part(tmp_path, CLASSES, "leave_out") is None
    assert {part for _, part in found(tmp_path, BY_CLASS).values()} == {"train"}


def test_val_can_be_the_test_part(tmp_path):
    touch(tmp_path, "train/cat/0.png", "val/cat/0.png")
    assert image_folders.test_part(tmp_path, CLASSES, "test") == image_folders.BY_CLASS


def test_a_class_may_be_called_like_a_part(tmp_path):
    touch(tmp_path, "train/0.png", "car/0.png", "Test/1.png")
    classes = ["train", "car", "test"]
    assert image_folders.test_part(tmp_path, classes, "leave_out") is None
    rows, why = find(tmp_path, BY_CLASS, classes=classes)
    assert sorted(rows["label"]) == ["car", "test", "train"]
    assert set(rows["part"]) == {"train"}
    assert not why


def test_parts_within_classes_do_not_train_and_can_be_the_test_part(tmp_path):
    touch(tmp_path, "cat/train/0.png", "cat/test/1.png", "dog/train/0.png", "dog/test/1.png", "dog/val/2.png")
    rows, why = find(tmp_path, BY_CLASS)
    assert rows["path"].tolist() == ["cat/train/0.png", "dog/train/0.png"]
    assert why["cat/test/1.png"] == "in a folder named test: to use it, set path_patterns.test to class-folders"
    assert found(tmp_path, BOTH)["dog/test/1.png"] == ("dog", "test")


def test_two_parts_on_one_way_are_refused(tmp_path):
    touch(tmp_path, "train/cat/0.png", "train/test/cat/0.png")
    said = refused(tmp_path, BY_CLASS)
    assert "train/test/cat/0.png: in folders of two parts (got train and test)" in said


def test_a_link_back_to_the_folder_ends(tmp_path):
    touch(tmp_path, "train/cat/0.png", "test/cat/0.png")
    (tmp_path / "train" / "again").symlink_to("..")
    (tmp_path / "round").symlink_to("round")
    assert image_folders.test_part(tmp_path, CLASSES, "leave_out") == image_folders.BY_CLASS


def entry(folder, **said):
    """A dataset's entry in the config, as the schema fills it."""
    base = {"folder": str(folder), "classes": CLASSES, "table": None, "path_patterns": None, "idx": None}
    return {**base, "validation_folders": "leave_out", **said}


def test_a_config_that_says_nothing_of_pictures_follows_the_folders(tmp_path):
    touch(tmp_path, "train/cat/0.png", "test/cat/0.png")
    filled = entry(tmp_path)
    datasets.fill(filled)
    datasets.fill(filled)
    assert filled["path_patterns"] == BOTH
    assert datasets.parts(filled) == ["train", "test"]
    assert datasets.labelled(filled)


@pytest.mark.parametrize("test", [[], [r"test/(?P<id>\d+)"]])
def test_what_a_config_says_of_pictures_goes_before(tmp_path, test):
    touch(tmp_path, "train/cat/0.png", "test/cat/0.png")
    filled = entry(tmp_path, path_patterns={"test": test})
    datasets.fill(filled)
    assert filled["path_patterns"] == {"train": image_folders.BY_CLASS, "test": test}
    assert not datasets.labelled(filled)


def test_an_unlabelled_test_folder_is_a_test_part_without_labels(tmp_path):
    touch(tmp_path, "0.png", "test/1.png")
    filled = entry(tmp_path, table={"label": "kind"})
    datasets.fill(filled)
    assert filled["path_patterns"] == {"train": image_folders.ALL, "test": image_folders.ALL}
    assert datasets.parts(filled) == ["train", "test"]
    assert not datasets.labelled(filled)


def test_class_names_are_composed(tmp_path):
    filled = entry(tmp_path, classes=[unicodedata.normalize("NFD", "café"), "thé"])
    datasets.fill(filled)
    assert filled["classes"] == ["café", "thé"]


@pytest.mark.parametrize("name", ["02_test", "test_imgs", "Test (1)", "holdout", "dev"])
def test_a_folder_that_is_called_much_like_a_part_is_refused(tmp_path, name):
    touch(tmp_path, "01_data/cat/1.jpg", "01_data/dog/2.jpg", f"{name}/cat/3.jpg")
    assert f"the folder {name!r} is named like a part" in refused(tmp_path, BY_CLASS)


def test_beside_folders_that_name_parts_nothing_trains_unasked(tmp_path):
    touch(tmp_path, "train/cat/1.jpg", "train/dog/2.jpg", "extra/cat/3.jpg")
    rows, why = find(tmp_path, BY_CLASS)
    assert set(rows["path"]) == {"train/cat/1.jpg", "train/dog/2.jpg"}
    assert why == {"extra/cat/3.jpg": "outside the folders of the parts"}


def test_a_train_pattern_does_not_take_what_lies_in_another_part(tmp_path):
    touch(tmp_path, "train/cat/1.jpg", "train/dog/2.jpg", "val/cat/3.jpg")
    pattern = r"(?P<label>[a-z]+)/(?P<id>\d+)\.jpg"
    assert "path_patterns.train takes it for training, but it is in the folder val" in refused(
        tmp_path, {"train": [pattern]}
    )
    assert len(find(tmp_path, {"train": [f"(train|val)/{pattern}"]})[0]) == 3


def test_a_pattern_may_say_that_case_does_not_count(tmp_path):
    touch(tmp_path, "train/cat/1.JPG")
    assert list(found(tmp_path, {"train": [f"(?i){PATTERN}"]})) == ["train/cat/1.JPG"]


def test_a_pattern_that_finds_no_id_is_refused(tmp_path):
    touch(tmp_path, "train/cat/1.jpg")
    assert "matches it without an id" in refused(tmp_path, {"train": [r"train/(?P<label>cat)/(?:(?P<id>x)|1)\.jpg"]})
