"""The manifest: IDX files, samples, what is left out and what is refused."""

import io

import numpy as np
import pandas as pd
import pytest
import write_manifest as stage
from PIL import Image

from headstart.core.errors import InputError
from headstart.data import manifests

CLASSES = ["cat", "dog"]


def rows(labels="", count=4):
    """Rows as `layouts.find` gives them, with ids img_0 and on."""
    ids = [f"img_{i}" for i in range(count)]
    return pd.DataFrame({"id": ids, "path": ids, "label": labels, "group": "", "part": "train"})


def manifest(**columns):
    """A manifest of one cat and one dog, changed."""
    base = {"id": ["1", "2"], "path": ["1.png", "2.png"], "label": CLASSES, "group": "", "part": "train"}
    return pd.DataFrame({**base, "size": "1x1", "digest": "0", "status": "ok", **columns})


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


def list_idx(root, labels, count=3):
    (root / "images").write_bytes(idx(np.zeros((count, 2, 2), np.uint8)))
    (root / "labels").write_bytes(idx(np.array(labels, np.uint8)))
    return manifests.list_idx(root, "images", "labels", "train", CLASSES)


def test_idx_files_give_numbered_rows_with_labels(tmp_path):
    found = list_idx(tmp_path, [1, 0, 1])
    assert found["id"].tolist() == ["train-00000", "train-00001", "train-00002"]
    assert found["path"].tolist() == ["images#0", "images#1", "images#2"]
    assert found["label"].tolist() == ["dog", "cat", "dog"]


def test_idx_files_of_different_lengths_are_refused(tmp_path):
    with pytest.raises(InputError, match="images has 3 images but labels has 2 labels"):
        list_idx(tmp_path, [0, 1])


def test_an_idx_label_that_is_no_class_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"label out of range \(got 2, expected 0 to 1"):
        list_idx(tmp_path, [0, 1, 2])


def test_a_sample_is_reproducible_and_keeps_the_order():
    everything = rows(count=100)
    once, again = manifests.sample(everything, 10, 7), manifests.sample(everything, 10, 7)
    assert once["id"].tolist() == again["id"].tolist()
    assert len(once) == 10
    assert once.index.is_monotonic_increasing
    assert once["id"].tolist() != manifests.sample(everything, 10, 8)["id"].tolist()


@pytest.mark.parametrize("limit", [None, 4, 5])
def test_a_limit_that_is_not_reached_leaves_all(limit):
    assert manifests.sample(rows(), limit, 1)["id"].tolist() == rows()["id"].tolist()


@pytest.mark.parametrize("threads", [1, 4])
def test_inspection_tells_size_digest_and_status_in_order(tmp_path, threads):
    Image.new("L", (3, 2)).save(tmp_path / "img_0", "PNG")
    Image.new("L", (5, 4)).save(tmp_path / "img_1", "PNG")
    (tmp_path / "img_2").write_text("no picture")
    (tmp_path / "img_3").touch()
    found = manifests.inspect(rows(), tmp_path, threads)
    assert list(found.columns) == manifests.COLUMNS
    assert found["size"].tolist() == ["3x2", "5x4", "", ""]
    assert found["status"].tolist() == ["ok", "ok", "unreadable: not an image", "unreadable: empty file"]


@pytest.mark.parametrize(("white", "said"), [(4095, "4 of 4 sampled pictures are nearly black"), (4369, "")])
def test_pictures_of_12_bits_in_16_are_told(tmp_path, white, said):
    for number in range(4):
        deep = np.zeros((8, 8), np.uint16)
        deep[2, 3] = white
        Image.fromarray(deep).save(tmp_path / f"img_{number}", "TIFF")
    told = manifests.dark(manifests.inspect(rows(), tmp_path, 1), tmp_path)
    assert told.startswith(said)
    assert bool(told) == bool(said)


def test_where_no_picture_is_read_none_is_dark(tmp_path):
    assert manifests.dark(manifest(status=["excluded", "unreadable: not an image"]), tmp_path) == ""


def test_a_manifest_is_the_same_when_read_again(tmp_path):
    written = manifest(id=["007", "NA"], group=["null", ""])
    written.to_csv(tmp_path / "manifest.csv", index=False)
    assert manifests.read(tmp_path / "manifest.csv").values.tolist() == written.values.tolist()


def test_only_readable_images_of_the_part_are_usable():
    everything = manifest(part=["train", "test"])
    assert manifests.usable(everything, "test")["id"].tolist() == ["2"]
    assert manifests.usable(manifest(status=["ok", "unreadable: not an image"]), "train")["id"].tolist() == ["1"]


def test_a_manifest_with_an_image_of_each_class_is_valid():
    assert manifests.validate(manifest(), CLASSES, "pets", 0) is None


@pytest.mark.parametrize("part", ["train", ["train", "test"]])
def test_an_id_that_stands_for_two_images_is_refused(part):
    with pytest.raises(InputError, match="pets: two images have the id '1'"):
        manifests.validate(manifest(id="1", part=part), CLASSES, "pets", 0)


@pytest.mark.parametrize(
    "change", [{"status": ["ok", "unreadable: not an image"]}, {"part": ["train", "test"]}], ids=str
)
def test_a_class_without_a_readable_train_image_is_refused(change):
    with pytest.raises(InputError, match="no readable train image of class 'dog'"):
        manifests.validate(manifest(**change), CLASSES, "pets", 1)


@pytest.mark.parametrize("label", ["bird", ""])
def test_a_train_image_whose_label_is_no_class_is_refused(label):
    other = manifest(id=["3", "4"], path=["3", "4"], label=["cat", label])
    wrong = pd.concat([manifest(), other], ignore_index=True)
    with pytest.raises(InputError, match="4"):
        manifests.validate(wrong, CLASSES, "pets", 0)


def damaged(count, bad):
    """A manifest of ``count`` images of which the last ``bad`` cannot be read."""
    ids = [f"{i}" for i in range(count)]
    labels = [CLASSES[i % 2] for i in range(count)]
    status = ["ok"] * (count - bad) + ["unreadable: not an image"] * bad
    return pd.DataFrame({"id": ids, "path": ids, "label": labels, "part": "train", "status": status})


@pytest.mark.parametrize(("count", "bad", "share"), [(100, 29, 0.29), (10, 1, 0.1), (10, 0, 0)])
def test_images_up_to_the_share_may_be_unreadable(count, bad, share):
    assert manifests.validate(damaged(count, bad), CLASSES, "pets", share) is None


@pytest.mark.parametrize(("count", "bad", "share"), [(100, 30, 0.29), (1000, 101, 0.1), (10, 1, 0)])
def test_more_unreadable_images_than_the_share_are_refused(count, bad, share):
    with pytest.raises(InputError) as caught:
        manifests.validate(damaged(count, bad), CLASSES, "pets", share)
    assert str(caught.value) == (
        f"pets: {bad} of {count:,} images cannot be read, more than the allowed share of {share} "
        f"(first: '{count - bad}', unreadable: not an image). Replace or remove the files that the log lists, or raise "
        f"datasets.pets.max_unreadable."
    )


def test_what_is_left_out_is_said_in_words_where_anything_is():
    assert manifests.left_out(damaged(1600, 3)) == "3 of 1,600 images left out as unreadable"
    assert manifests.left_out(damaged(1600, 0)) == ""


def test_pictures_that_are_not_used_are_rows_of_no_part_and_told():
    why = {
        "val/1.png": "in a folder named val: do",
        "2.CR2": "unsupported suffix",
        "notes.txt": "matches no pattern",
    }
    others = manifests.unused(why)
    assert list(others.columns) == manifests.COLUMNS
    assert others["path"].tolist() == ["val/1.png", "2.CR2"]
    assert others["status"].tolist()[0] == "not used: in a folder named val: do"
    whole = pd.concat([damaged(10, 1), others], ignore_index=True)
    said = "2 pictures not used (1 in a folder named val, 1 unsupported suffix)"
    assert manifests.left_out(whole) == f"1 of 10 images left out as unreadable; {said}"
    assert manifests.validate(whole, CLASSES, "pets", 0.1) is None
    assert len(manifests.usable(whole, "train")) == 9
    assert manifests.unused({}).empty


def test_an_unused_picture_has_an_id_of_its_own():
    both = pd.concat(
        [manifest(id=["a.png", "2"], path=["train/a.png", "2"]), manifests.unused({"a.png": "matches no pattern"})]
    )
    assert manifests.validate(both, CLASSES, "pets", 0) is None


def test_a_picture_in_two_parts_is_refused():
    twice = pd.concat([manifest(), manifest(id=["3", "4"], part="test")], ignore_index=True)
    with pytest.raises(InputError, match=r"pets: image '1.png' is listed twice"):
        manifests.validate(twice, CLASSES, "pets", 0)


def test_a_manifest_without_its_end_is_refused(tmp_path):
    (tmp_path / "manifest.csv").write_text("id,path\n1,a.jpg\n2,b.j")
    with pytest.raises(InputError, match="truncated table"):
        manifests.read(tmp_path / "manifest.csv")


def draw(root, *paths):
    """Write small pictures under ``root``, no two alike."""
    for number, path in enumerate(paths):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 3), (number, 200, 0)).save(root / path, "PNG")


RULES = {"validation_folders": "leave_out", "other_classes": "leave_out", "unlabelled": "leave_out", "missing": 0.5}


def made(tmp_path, capsys, patterns, table=None, classes=CLASSES):
    """The manifest that the stage makes of ``tmp_path / "in"``, what it prints on the terminal, and its log."""
    terminal, given = io.StringIO(), {"idx": None, "limit": {"train": None, "test": None}, "unreadable": 0, "seed": 1}
    stage.main(
        root=tmp_path / "in", target=tmp_path / "manifest.csv", dataset="pets", classes=classes, patterns=patterns,
        table=table, rules=RULES, exclude=[], threads=1, terminal=terminal, **given,
    )  # fmt: skip
    return manifests.read(tmp_path / "manifest.csv"), terminal.getvalue(), capsys.readouterr().out


def test_the_stage_tells_of_parts_and_of_files_that_are_not_used(tmp_path, capsys):
    paths = [f"{part}/{name}/{part}.png" for part in ("train", "val", "test", "train/@eaDir") for name in CLASSES]
    draw(tmp_path / "in", *paths, "train/bird/1.png")
    (tmp_path / "in" / "notes.txt").touch()
    found, told, log = made(tmp_path, capsys, {"train": "class-folders", "test": "class-folders"})
    used = found[found["part"] != ""]
    assert used["id"].tolist() == used["path"].tolist() == [*paths[:2], *paths[4:6]]
    assert used["label"].tolist() == CLASSES * 2
    assert manifests.left_out(found) == "3 pictures not used (2 in a folder named val, 1 unknown class (train/bird))"
    assert told.splitlines() == [
        "note: pets: skipped hidden and system files: 1 @eaDir",
        "note: pets: the folders' names put 2 pictures in train and 2 in test",
        "note: pets: unused files: 3 .png, 1 .txt (2 in a folder named val: to use it, set validation_folders to train "
        "or test, 1 unsupported suffix, 1 unknown class (train/bird)). The log lists them.",
    ]
    assert "not used: train/bird/1.png: unknown class (train/bird)" in log


def test_the_stage_joins_a_table_and_tells_of_its_rows(tmp_path, capsys):
    draw(tmp_path / "in", "a.png", "b.png", "c.png", "test/d.png")
    (tmp_path / "in" / "list.csv").write_text("file;kind\na;CAT\n./b.png;Dog\nc;\nd;cat\nx;dog\n")
    table = {"file": "list.csv", "id": "file", "label": "kind", "group": None}
    found, told, _ = made(tmp_path, capsys, {"train": "pictures", "test": "pictures"}, table)
    assert found[["id", "label", "part"]].to_numpy().tolist() == [
        ["a.png", "cat", "train"],
        ["b.png", "dog", "train"],
        ["test/d.png", "", "test"],
        ["./c.png", "", ""],
    ]
    assert told.splitlines() == [
        "note: pets: rows of list.csv that name no picture: 1, for example 'x'",
        "note: pets: rows of list.csv that name a picture not used for training: 1, for example 'd'",
        "note: pets: the folders' names put 2 pictures in train and 1 in test",
        "note: pets: unused files: 1 .png (1 no label in the table). The log lists them.",
    ]
