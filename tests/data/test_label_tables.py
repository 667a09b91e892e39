"""Tables of labels and groups: how they are read, what their ids mean, what is refused."""

import unicodedata

import pandas as pd
import pytest

from headstart.core.errors import InputError
from headstart.data import label_tables

CLASSES = ["cat", "dog"]
GOOD = "img,kind,who\nimg_0,cat,ann\nimg_1,dog,bob\nimg_2,cat,ann\nimg_3,dog,cy\n"
NFD = unicodedata.normalize("NFD", "é")


def rows(labels="", paths=("img_0", "img_1", "img_2", "img_3")):
    """Rows as `layouts.find` gives them."""
    return pd.DataFrame({"id": paths, "path": paths, "label": labels, "group": "", "part": "train"})


def table(folder, text):
    """Write a CSV; return its path."""
    (folder / "table.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / "table.csv"


def join(folder, text, images=None, label="kind", group="who", classes=CLASSES, **options):
    columns = {"id": "img", "label": label, "group": group}
    images = rows() if images is None else images
    return label_tables.join(
        images, table(folder, text), columns, root=folder, classes=classes, dataset="pets", **options
    )


def joined(folder, text, images=None, **options):
    return join(folder, text, images, **options)[0]


def refusal(folder, text, images=None, **options):
    """The text of the `InputError` for a table; it names the table."""
    with pytest.raises(InputError) as caught:
        join(folder, text, images, **options)
    assert "table.csv" in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def quoted(text):
    return "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in text.split())


def widened(text):
    return "\n".join(f"{line},," for line in text.split())


WAYS = {
    "plain": str,
    "byte order mark": lambda text: "\ufeff" + text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "tabs": lambda text: text.replace(",", "\t"),
    "semicolons": lambda text: text.replace(",", ";"),
    "bars": lambda text: text.replace(",", "|"),
    "tabs in UTF-16": lambda text: text.replace(",", "\t").replace("\n", "\r\n").encode("utf-16"),
    "UTF-16, big end first": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "Excel's own first line": lambda text: "sep=;\r\n" + text.replace(",", ";"),
    "empty last columns": widened,
    "empty last cells, none above": lambda text: text.replace("\n", ",\n").replace(",\n", "\n", 1),
    "empty last rows": lambda text: text + ",,\n;;\n\n  ,\t,\n",
    "an empty first row": lambda text: ",,\n" + text,
    "quoted": quoted,
    "quoted with tabs": lambda text: quoted(text).replace(",", "\t"),
    "quoted with semicolons, commas in a name": lambda text: quoted(text).replace(",", ";") + '\n"";"";"a, b, c, d"',
    "spaces": lambda text: text.replace(",", " , ").replace("ann", " ann"),
    "other columns": lambda text: "\n".join(f"{n},{line}" for n, line in enumerate(text.split())).replace("0,", ",", 1),
    "no line end": lambda text: text.removesuffix("\n"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_table_gives_label_and_group_however_it_is_written(tmp_path, way):
    found = joined(tmp_path, WAYS[way](GOOD), missing=1)
    assert found["label"].tolist() == ["cat", "dog", "cat", "dog"]
    assert found["group"].tolist() == ["ann", "bob", "ann", "cy"]
    assert found["id"].tolist() == rows()["id"].tolist()


def test_the_header_decides_between_delimiters(tmp_path):
    text = "img;a,b,c,d;kind;who\n" + "".join(f"img_{n};1,2,3,4;cat;x,{n}\n" for n in range(4))
    assert joined(tmp_path, text)["group"].tolist() == ["x,0", "x,1", "x,2", "x,3"]


def test_columns_are_known_in_any_composition(tmp_path):
    text = GOOD.replace("who", f"qui{NFD}").replace("ann", f"{NFD}va", 1).replace("ann", "éva")
    assert joined(tmp_path, text, group="quié")["group"].tolist() == ["éva", "bob", "éva", "cy"]


def test_a_table_without_a_label_column_gives_the_group_only(tmp_path):
    found = joined(tmp_path, GOOD, rows(["cat", "cat", "cat", "dog"]), label=None)
    assert found["label"].tolist() == ["cat", "cat", "cat", "dog"]
    assert found["group"].tolist() == ["ann", "bob", "ann", "cy"]


def test_names_in_a_table_that_look_like_missing_values_are_names(tmp_path):
    assert joined(tmp_path, GOOD.replace("ann", "NA"))["group"].tolist() == ["NA", "bob", "NA", "cy"]


def test_a_table_that_lacks_a_column_is_refused(tmp_path):
    assert "no column 'who' (expected img, kind, who; got img, kind)" in refusal(
        tmp_path, "\n".join(line.rpartition(",")[0] for line in GOOD.split())
    )


def test_a_column_that_stands_twice_is_refused(tmp_path):
    assert "two columns 'kind'" in refusal(tmp_path, widened(GOOD).replace("who,", "who,kind", 1))


def test_an_image_without_a_row_is_refused(tmp_path):
    said = refusal(tmp_path, GOOD.replace("img_3,dog,cy\n", ""))
    assert "no row for image 'img_3' (1 of 4 train images have none)." in said
    assert "datasets.pets.unlabelled to leave_out" in said


def test_where_no_id_meets_a_picture_the_error_shows_both(tmp_path):
    assert "'img_0' (4 of 4 train images have none, but 4 rows name no picture, for example 'pic_0')." in (
        refusal(tmp_path, GOOD.replace("img_", "pic_"))
    )


@pytest.mark.parametrize("again", ["img_1", "./img_1", "IMG_1"])
def test_an_image_with_two_rows_is_refused(tmp_path, again):
    assert f"image {again!r} has more than one row" in refusal(tmp_path, GOOD + f"{again},dog,bob\n")


def test_an_image_that_has_another_label_by_its_folder_is_refused(tmp_path):
    assert "image 'img_1' is 'dog' here but 'cat' by its folder" in refusal(tmp_path, GOOD, rows("cat"))


@pytest.mark.parametrize("by_folder", ["", ["cat", "dog", "cat", "dog"]], ids=["table alone", "folder too"])
def test_labels_of_a_table_are_known_in_any_case(tmp_path, by_folder):
    found = joined(tmp_path, GOOD.replace("cat", "Cat"), rows(by_folder))
    assert found["label"].tolist() == ["cat", "dog", "cat", "dog"]


def test_labels_of_a_table_are_known_in_any_composition(tmp_path):
    found = joined(tmp_path, GOOD.replace("cat", f"caf{NFD}"), classes=["café", "dog"])
    assert found["label"].tolist() == ["café", "dog", "café", "dog"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "an empty file"),
        ("\n,,\n", "an empty file"),
        (GOOD + "img_9,a,b,c,d\n", "a row of 5 cells under 3 columns"),
        (GOOD.replace("cy", "änn").encode("cp1252"), "the byte 0xe4 in line 5"),
        (GOOD.replace("cy", '"cy'), "unexpected end of data"),
        (GOOD.encode("utf-16-le"), "null bytes"),
    ],
    ids=["empty", "empty rows", "ragged", "cp1252", "an open quote", "UTF-16 without its mark"],
)
def test_a_table_that_cannot_be_read_is_refused(tmp_path, text, said):
    told = refusal(tmp_path, text)
    assert "cannot be read as CSV in UTF-8" in told
    assert said in told


def test_a_table_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"table\.csv: cannot be read as CSV in UTF-8 \(got No such file"):
        label_tables.read(tmp_path / "table.csv", ["img"])


def test_a_group_that_is_missing_is_refused(tmp_path):
    assert "column 'who' is empty for image 'img_1' (1 such rows)" in refusal(tmp_path, GOOD.replace("bob", ""))


PATHS = ("cat/0.png", "cat/1.b.JPG", "dog/0.png", "dog/caf" + NFD + ".png", "dog/two.png")


def meant(text, root="my pictures"):
    """The paths that an id may mean."""
    return [PATHS[place] for place in label_tables.match([text], list(PATHS), list(PATHS), root)[0]]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("cat/0.png", PATHS[:1]),
        ("./cat/0.png", PATHS[:1]),
        ("cat\\0.png", PATHS[:1]),
        (".\\cat//0.png", PATHS[:1]),
        ("CAT/0.PNG", PATHS[:1]),
        ("cat/0", PATHS[:1]),
        ("cat/1.b", PATHS[1:2]),
        ("1.b", PATHS[1:2]),
        ("1.b.jpg", PATHS[1:2]),
        ("two", PATHS[4:]),
        ("two.png", PATHS[4:]),
        ("café", PATHS[3:4]),
        ("dog/café.png", PATHS[3:4]),
        ("my pictures/dog/two.png", PATHS[4:]),
        ("My Pictures\\dog\\two", PATHS[4:]),
        ("0.png", (PATHS[0], PATHS[2])),
        ("0", (PATHS[0], PATHS[2])),
        ("elsewhere/two.png", ()),
        ("/dog/two.png", ()),
        ("two.jpg", ()),
        ("", ()),
        (".", ()),
    ],
)
def test_one_function_decides_what_an_id_means(text, paths):
    assert meant(text) == list(paths)


@pytest.mark.parametrize("suffix", ["", ".png"])
def test_an_absolute_path_below_the_folder_is_the_path_from_it(tmp_path, suffix):
    assert meant(f"{tmp_path}/dog/two{suffix}", tmp_path) == ["dog/two.png"]
    assert meant(f"{tmp_path}x/dog/two{suffix}", tmp_path) == []


def test_an_absolute_path_through_a_link_is_the_path_from_the_folder(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "data").symlink_to("disk")
    assert meant(f"{tmp_path}/disk/dog/two.png", tmp_path / "data") == ["dog/two.png"]
    assert meant(f"{tmp_path}/data/dog/two.png", tmp_path / "data") == ["dog/two.png"]


def test_a_path_as_it_is_goes_before_any_other_meaning():
    paths = ["0.png", "dog/0.png", "a.png", "A.png"]
    assert label_tables.match(["0.png", "0", "a.png", "A.png"], paths, paths, "x") == [[0], [0], [2], [3]]


def test_an_id_that_means_two_pictures_is_refused_with_both(tmp_path):
    images = rows(paths=["cat/0.png", "dog/0.png"])
    said = refusal(tmp_path, "img,kind,who\n0,cat,ann\n", images)
    assert "id '0' matches two pictures (got cat/0.png and dog/0.png)" in said


@pytest.mark.parametrize(("extra", "count"), [("img_9", 1), ("", 1), ("cat\\img_0", 1)])
def test_rows_without_a_picture_are_told_up_to_a_share(tmp_path, extra, count):
    text = GOOD + f"{extra},dog,zoe\n"
    found, rest, notes = join(tmp_path, text, missing=0.2)
    assert len(found) == 4
    assert rest == {}
    assert notes == [f"rows of table.csv that name no picture: {count}, for example {extra!r}"]
    said = refusal(tmp_path, text, missing=0.19)
    assert f"1 of 5 rows name no picture, more than the allowed share of 0.19 (got {extra!r})" in said
    assert "raise datasets.pets.missing" in said


def test_rows_of_pictures_that_do_not_train_are_told_apart(tmp_path):
    _, _, notes = join(tmp_path, GOOD + "9,dog,zoe\n", others=["test/9.png", "notes.txt"], missing=0)
    assert notes == ["rows of table.csv that name a picture not used for training: 1, for example '9'"]


FLOATS = "img,kind\nimg_0,0.0\nimg_1,1.0\nimg_2,0.0\nimg_3,1.0\n"


@pytest.mark.parametrize("text", [FLOATS, FLOATS.replace(".0\n", "\n"), FLOATS.replace(".0\n", ".\n")])
def test_whole_numbers_are_whole_however_they_are_written(tmp_path, text):
    assert joined(tmp_path, text, group=None, classes=["0", "1"])["label"].tolist() == ["0", "1", "0", "1"]


def test_one_label_that_is_no_number_changes_no_other(tmp_path):
    text = FLOATS.replace("img_3,1.0", "img_3,unsure")
    found, rest, _ = join(tmp_path, text, group=None, classes=["0", "1"], other="leave_out")
    assert found["label"].tolist() == ["0", "1", "0"]
    assert rest == {"img_3": "unknown class (unsure)"}


def test_numbers_stay_as_they_are_where_one_is_not_whole_or_all_are_classes(tmp_path):
    assert "1 of '0.5'" in refusal(tmp_path, FLOATS.replace("1.0", "0.5", 1), group=None, classes=["0", "1"])
    assert joined(tmp_path, FLOATS, group=None, classes=["0.0", "1.0"])["label"].iloc[0] == "0.0"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (GOOD.replace("img_1,dog", "img_1,"), "no label in the table"),
        (GOOD.replace("img_1,dog,bob\n", ""), "no row in the table"),
    ],
    ids=["no label", "no row"],
)
def test_pictures_that_are_not_labelled_yet_are_refused_or_left_out(tmp_path, text, why):
    said = refusal(tmp_path, text)
    assert "'img_1'" in said
    assert "set datasets.pets.unlabelled to leave_out" in said
    found, rest, _ = join(tmp_path, text, unlabelled="leave_out")
    assert found["id"].tolist() == ["img_0", "img_2", "img_3"]
    assert found["label"].tolist() == ["cat", "cat", "dog"]
    assert found["group"].tolist() == ["ann", "ann", "cy"]
    assert rest == {"img_1": why}


def test_whole_numbers_with_gaps_are_whole(tmp_path):
    text = FLOATS.replace("img_1,1.0", "img_1,")
    found = joined(tmp_path, text, group=None, classes=["0", "1"], unlabelled="leave_out")
    assert found["label"].tolist() == ["0", "0", "1"]


def test_labels_of_no_class_are_refused_with_their_counts_or_left_out(tmp_path):
    text = GOOD.replace("img_1,dog", "img_1,rose").replace("img_3,dog", "img_3,rose")
    said = refusal(tmp_path, text)
    assert "unknown classes (got 2 of 'rose', for example img_1). Expected cat, dog." in said
    assert "datasets.pets.other_classes to leave_out" in said
    found, rest, _ = join(tmp_path, text, other="leave_out")
    assert found["id"].tolist() == ["img_0", "img_2"]
    assert rest == dict.fromkeys(["img_1", "img_3"], "unknown class (rose)")


def test_one_group_is_one_group_however_it_is_spelt(tmp_path):
    text = "img,kind,who\nimg_0,cat,Anna\nimg_1,dog,anna\nimg_2,cat,ANNA \nimg_3,dog,Bob\n"
    assert joined(tmp_path, text)["group"].tolist() == ["Anna", "Anna", "Anna", "Bob"]
    text = "img,kind,who\nimg_0,cat,1\nimg_1,dog,1.0\nimg_2,cat,2.0\nimg_3,dog,2\n"
    assert joined(tmp_path, text)["group"].tolist() == ["1", "1", "2", "2"]


def test_a_column_may_be_called_place(tmp_path):
    found = joined(tmp_path, GOOD.replace("who", "place"), group="place")
    assert found["group"].tolist() == ["ann", "bob", "ann", "cy"]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("img,kind,who\nimg_0,,a\nimg_1,,b\nimg_2,,a\nimg_3,,c\n", {"unlabelled": "leave_out"}),
        ("img,kind,who\nimg_0,x,a\nimg_1,x,b\nimg_2,x,a\nimg_3,x,c\n", {"other": "leave_out"}),
    ],
)
def test_a_table_that_leaves_no_picture_is_one_line(tmp_path, text, options):
    assert "no picture is left to train on (got 4 " in refusal(tmp_path, text, **options)
