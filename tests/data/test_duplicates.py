"""Images that show the same picture: what links them, and what is said of them."""

import io

import pandas as pd
import pytest
import write_manifest as manifest_stage
from PIL import Image

from headstart.core.errors import InputError
from headstart.data import duplicates


def manifest(digests, **columns):
    """A manifest of train images of one class with these digests, ``columns`` changed; ids are 0 and on."""
    ids = [str(i) for i in range(len(digests))]
    paths = [f"cat/{i}.png" for i in ids]
    frame = {"id": ids, "path": paths, "label": "cat", "group": "", "part": "train", "digest": list(digests)}
    return pd.DataFrame({**frame, "status": "ok", **columns})


@pytest.mark.parametrize(
    ("digests", "groups", "grouped", "expected"),
    [
        ("abcd", "xxyy", False, [0, 1, 2, 3]),
        ("abcd", "xxyy", True, [0, 0, 1, 1]),
        ("abcb", "xxyz", False, [0, 1, 2, 1]),
        ("abcb", "xxyz", True, [0, 0, 1, 0]),  # x and z share a picture
        ("abbc", "xyzz", True, [0, 1, 1, 1]),
        ("aaaa", "wxyz", True, [0, 0, 0, 0]),
    ],
)
def test_a_unit_is_all_that_groups_and_copies_link(digests, groups, grouped, expected):
    assert duplicates.units(manifest(digests, group=list(groups)), grouped).tolist() == expected


def test_other_links_join_units_too(monkeypatch):
    links = duplicates.links
    monkeypatch.setattr(duplicates, "links", lambda images: [*links(images), (0, 3)])
    assert duplicates.units(manifest("abcd"), grouped=False).tolist() == [0, 1, 2, 0]


def test_one_picture_in_two_classes_is_bad_input_that_names_both_files_and_the_way_out():
    table = manifest("abbb", label=["cat", "cat", "cat", "dog"])
    with pytest.raises(InputError) as caught:
        duplicates.validate(table, "pets")
    assert str(caught.value) == (
        "pets: 'cat/1.png' and 'cat/3.png' are the same picture with different labels (got 'cat' and 'dog'; 1 such "
        "pictures). Fix the labels, remove one, or list such ids in datasets.pets.exclude, for example '1'."
    )
    duplicates.validate(duplicates.exclude(table, ["3"], table["id"], "pets"), "pets")


@pytest.mark.parametrize(
    "columns",
    [
        {"label": ["cat", "dog", "dog", "dog"]},
        {"label": ["cat", "cat", "dog", "dog"], "part": ["train", "train", "train", "test"]},
        {"label": ["cat", "cat", "dog", "dog"], "status": ["ok", "ok", "ok", "unreadable: empty file"]},
    ],
)
def test_copies_of_one_label_are_no_error_nor_those_that_train_nothing(columns):
    duplicates.validate(manifest("abcb", **columns), "pets")


def test_an_id_that_no_image_has_is_refused():
    table = manifest("ab")
    with pytest.raises(InputError, match="datasets.pets.exclude: no image has the id '2'"):
        duplicates.exclude(table, ["0", "2"], table["id"], "pets")
    table = manifest("abc")
    found = duplicates.exclude(table, ["2", "0", "3"], ["0", "1", "2", "3"], "pets")
    assert found["status"].tolist() == ["excluded", "ok", "excluded"]


def test_notes_count_what_is_left_out_excluded_and_copied():
    table = manifest(
        "aabccdaaaxy",
        part=["train"] * 6 + ["test"] * 4 + [""],
        status=["ok"] * 5 + ["excluded", *["ok"] * 3, "unreadable: empty file", "not used: no class"],
    )
    assert duplicates.notes(table) == [
        "1 of 10 images left out as unreadable; 1 pictures not used (1 no class)",
        "1 of 10 images excluded by the config",
        "2 of 5 train images are copies of others, kept together in every split",
        "3 of 3 test images are also among the train images",
    ]
    assert duplicates.notes(manifest("abc")) == []


@pytest.fixture
def looked(tmp_path):
    """A function that runs the stage over grey pictures, ``{path: shade}``; it gives the manifest and what was said."""

    def run(pictures, **changes):
        for path, shade in pictures.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (4, 4), shade).save(tmp_path / path)
        settings = {
            "classes": ["cat", "dog"],
            "idx": None,
            "patterns": {"train": [r"(?P<label>cat|dog)/(?P<id>\d+)\.png"]},
            "table": None,
            "limit": {"train": None, "test": None},
            "unreadable": 0,
            "exclude": [],
            "rules": {"validation_folders": "leave_out", "other_classes": "error", "unlabelled": "error", "missing": 0},
            "seed": 1,
            "threads": 1,
        }
        terminal, target = io.StringIO(), tmp_path / "manifest.csv"
        paths = {"root": tmp_path, "target": target, "dataset": "pets", "terminal": terminal}
        manifest_stage.main(**paths, **{**settings, **changes})
        return pd.read_csv(target, dtype=str, keep_default_na=False), terminal.getvalue()

    return run


TWINS = {"cat/1.png": 10, "cat/2.png": 10, "cat/3.png": 30, "dog/4.png": 40}


def test_the_stage_says_how_many_copies_there_are(looked):
    assert looked(TWINS)[1] == "note: pets: 1 of 4 train images are copies of others, kept together in every split\n"


def test_the_stage_refuses_one_picture_in_two_classes_until_one_is_excluded(looked):
    torn = {**TWINS, "dog/5.png": 30}
    with pytest.raises(InputError, match=r"'cat/3.png' and 'dog/5.png' are the same picture with different labels"):
        looked(torn)
    table, said = looked(torn, exclude=["3"])
    assert table.set_index("id")["status"].to_dict() == {"1": "ok", "2": "ok", "3": "excluded", "4": "ok", "5": "ok"}
    assert "1 of 5 images excluded by the config" in said


def test_one_picture_in_two_classes_of_the_test_part_is_refused():
    torn = manifest("abb", label=["cat", "cat", "dog"], part=["train", "test", "test"])
    with pytest.raises(InputError, match="the same picture with different labels"):
        duplicates.validate(torn, "pets")
