"""The manifest: patterns, tables, samples and what is refused."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from headstart import manifests
from headstart.errors import InputError

CLASSES = ["cat", "dog"]
PATTERN = r"train/(?P<label>[a-z]+)/(?P<id>\d+)\.jpg"


def touch(root, *paths):
    """Make empty files under ``root``."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()


def listed(root, *patterns, part="train"):
    return manifests.list_files(root, list(patterns), part, CLASSES)


def rows(labels="", count=4):
    """Rows as `list_files` gives them, with ids img_0 and on."""
    ids = [f"img_{i}" for i in range(count)]
    return pd.DataFrame({"id": ids, "path": ids, "label": labels, "group": "", "part": "train"})


def table(folder, text):
    """Write a CSV; return its path."""
    (folder / "table.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / "table.csv"


GOOD = "img,kind,who\nimg_0,cat,ann\nimg_1,dog,bob\nimg_2,cat,ann\nimg_3,dog,cy\n"


def joined(folder, text, labels="", label="kind"):
    return manifests.join_table(rows(labels), table(folder, text), id="img", label=label, group="who")


def refusal(folder, text, **options):
    """The text of the `InputError` for a table; it names the table."""
    with pytest.raises(InputError) as caught:
        joined(folder, text, **options)
    assert "table.csv" in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def manifest(**columns):
    """A manifest of one cat and one dog, changed."""
    base = {"id": ["1", "2"], "path": ["1", "2"], "label": CLASSES, "group": "", "part": "train"}
    return pd.DataFrame({**base, "size": "1x1", "digest": "0", "status": "ok", **columns})


def test_a_pattern_gives_id_and_label(tmp_path):
    touch(tmp_path, "train/dog/2.jpg", "train/cat/1.jpg", "train/notes.txt")
    found = listed(tmp_path, PATTERN)
    assert found[["id", "path", "label", "part"]].values.tolist() == [
        ["1", "train/cat/1.jpg", "cat", "train"],
        ["2", "train/dog/2.jpg", "dog", "train"],
    ]


def test_a_pattern_fits_the_end_of_a_path_in_whole_components(tmp_path):
    touch(tmp_path, "imgs/deep/train/cat/1.jpg", "imgs/nottrain/cat/2.jpg", "train/cat/3.jpg.txt")
    assert listed(tmp_path, PATTERN)["path"].tolist() == ["imgs/deep/train/cat/1.jpg"]


def test_the_first_pattern_that_fits_counts(tmp_path):
    touch(tmp_path, "train/cat/1.jpg", "dog.2.jpg")
    found = listed(tmp_path, PATTERN, r"(?P<id>(?P<label>dog)\.\d+)\.jpg", r"(?P<id>.*)\.jpg")
    assert found["id"].tolist() == ["dog.2", "1"]


def test_labels_are_known_in_any_case(tmp_path):
    touch(tmp_path, "PetImages/Cat/1.jpg", "PetImages/DOG/2.jpg")
    assert listed(tmp_path, r"(?P<label>\w+)/(?P<id>\d+)\.jpg")["label"].tolist() == ["cat", "dog"]


def test_a_pattern_without_a_label_leaves_it_empty(tmp_path):
    touch(tmp_path, "test/1.jpg")
    assert listed(tmp_path, r"test/(?P<id>\d+)\.jpg", part="test")["label"].tolist() == [""]


def test_a_label_that_is_no_class_is_refused(tmp_path):
    touch(tmp_path, "train/bird/1.jpg")
    with pytest.raises(InputError, match="class 'bird', expected one of cat, dog"):
        listed(tmp_path, PATTERN)


def test_patterns_that_fit_nothing_are_refused(tmp_path):
    touch(tmp_path, "train/cat/1.png")
    with pytest.raises(InputError, match="no file fits the train patterns"):
        listed(tmp_path, PATTERN)


def test_a_folder_whose_name_fits_is_no_image(tmp_path):
    touch(tmp_path, "train/cat/1.jpg", "train/cat/2.jpg/Thumbs.db")
    assert listed(tmp_path, PATTERN)["id"].tolist() == ["1"]


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
    with pytest.raises(InputError, match="images has 3 images but labels 2 labels"):
        list_idx(tmp_path, [0, 1])


def test_an_idx_label_that_is_no_class_is_refused(tmp_path):
    with pytest.raises(InputError, match="label 2, expected 0 to 1"):
        list_idx(tmp_path, [0, 1, 2])


@pytest.mark.parametrize(
    "text",
    [GOOD, "\ufeff" + GOOD, GOOD.replace("\n", "\r\n"), GOOD + "img_9,cat,dan\n", "who,x,img,kind\n" + "".join(
        f"{who},0,{img},{kind}\n" for img, kind, who in (line.split(",") for line in GOOD.split()[1:])
    )],
    ids=["plain", "with BOM", "CRLF", "with more rows", "other order of columns"],
)  # fmt: skip
def test_a_table_gives_label_and_group(tmp_path, text):
    found = joined(tmp_path, text)
    assert found["label"].tolist() == ["cat", "dog", "cat", "dog"]
    assert found["group"].tolist() == ["ann", "bob", "ann", "cy"]
    assert found["id"].tolist() == rows()["id"].tolist()


def test_a_table_without_a_label_column_gives_the_group_only(tmp_path):
    found = joined(tmp_path, GOOD, ["cat", "cat", "cat", "dog"], label=None)
    assert found["label"].tolist() == ["cat", "cat", "cat", "dog"]
    assert found["group"].tolist() == ["ann", "bob", "ann", "cy"]


def test_names_in_a_table_that_look_like_missing_values_are_names(tmp_path):
    assert joined(tmp_path, GOOD.replace("ann", "NA"))["group"].tolist() == ["NA", "bob", "NA", "cy"]


def test_a_table_that_lacks_a_column_is_refused(tmp_path):
    assert "no column 'who', expected img, kind, who, got img, kind" in refusal(
        tmp_path, "\n".join(line.rpartition(",")[0] for line in GOOD.split())
    )


def test_an_image_without_a_row_is_refused(tmp_path):
    assert "no row for image 'img_3', expected one for each of the 4 train images (1 lack one)" in refusal(
        tmp_path, GOOD.replace("img_3,dog,cy\n", "")
    )


def test_an_image_with_two_rows_is_refused(tmp_path):
    assert "image 'img_1' stands in it twice" in refusal(tmp_path, GOOD + "img_1,dog,bob\n")


def test_an_image_that_has_another_label_by_its_folder_is_refused(tmp_path):
    assert "image 'img_1' is 'dog' here but 'cat' by its folder" in refusal(tmp_path, GOOD, labels="cat")


def test_labels_of_a_table_are_known_in_any_case(tmp_path):
    found = joined(tmp_path, GOOD.replace("cat", "Cat"), ["cat", "dog", "cat", "dog"])
    assert found["label"].str.casefold().tolist() == ["cat", "dog", "cat", "dog"]


@pytest.mark.parametrize(
    "text",
    ["", GOOD + "img_9,a,b,c,d\n", GOOD.replace("ann", "änn").encode("latin-1")],
    ids=["empty", "ragged", "not UTF-8"],
)
def test_a_table_that_cannot_be_read_is_refused(tmp_path, text):
    refusal(tmp_path, text)


def test_a_table_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="table.csv"):
        manifests.join_table(rows(), tmp_path / "table.csv", id="img", label="kind", group="who")


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
    with pytest.raises(InputError, match="pets: id '1' stands for two images"):
        manifests.validate(manifest(id="1", part=part), CLASSES, "pets", 0)


@pytest.mark.parametrize(
    "change", [{"status": ["ok", "unreadable: not an image"]}, {"part": ["train", "test"]}], ids=str
)
def test_a_class_without_a_readable_train_image_is_refused(change):
    with pytest.raises(InputError, match="no readable train image of class 'dog'"):
        manifests.validate(manifest(**change), CLASSES, "pets", 1)


@pytest.mark.parametrize("label", ["bird", ""])
def test_a_train_image_whose_label_is_no_class_is_refused(label):
    wrong = pd.concat([manifest(), manifest(id=["3", "4"], label=["cat", label])], ignore_index=True)
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
        f"pets: {bad} of {count:,} images cannot be read, expected a share of at most {share}; the first is "
        f"'{count - bad}' (unreadable: not an image); mend or remove those that the log lists, or raise "
        f"datasets.pets.unreadable"
    )


def test_what_is_left_out_is_said_in_words_where_anything_is():
    assert manifests.left_out(damaged(1600, 3)) == "3 of 1,600 images left out as unreadable"
    assert manifests.left_out(damaged(1600, 0)) == ""


def test_a_group_that_is_missing_is_refused(tmp_path):
    assert "column 'who' is empty for image 'img_1' (1 such rows)" in refusal(tmp_path, GOOD.replace("bob", ""))


def test_spaces_around_names_in_a_table_do_not_count(tmp_path):
    found = joined(tmp_path, GOOD.replace("ann", "ann ").replace(",", ", "))
    assert found["group"].tolist() == ["ann", "bob", "ann", "cy"]


def test_paths_fit_a_pattern_in_any_case_and_hidden_files_do_not_count(tmp_path):
    touch(
        tmp_path,
        "train/cat/1.JPG",
        "train/cat/2.jpg",
        "train/cat/._2.jpg",
        "__MACOSX/train/cat/3.jpg",
        ".x/train/cat/4.jpg",
    )
    assert listed(tmp_path, PATTERN)["id"].tolist() == ["1", "2"]


def test_image_files_that_fit_no_pattern_are_told(tmp_path):
    touch(tmp_path, "train/cat/1.jpg", "train/cat/1.png", "readme.txt", "other/2.JPEG")
    assert manifests.unlisted(tmp_path, listed(tmp_path, PATTERN)) == ["other/2.JPEG", "train/cat/1.png"]


def test_a_manifest_without_its_end_is_refused(tmp_path):
    (tmp_path / "manifest.csv").write_text("id,path\n1,a.jpg\n2,b.j")
    with pytest.raises(InputError, match="not a whole table"):
        manifests.read(tmp_path / "manifest.csv")
