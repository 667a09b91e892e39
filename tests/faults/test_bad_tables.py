"""A table of labels and groups that is not as it should be."""

import pytest
import world
from running import refusal

TABLE = {"file": "list.csv", "id": "path", "label": "kind", "group": "garden"}
LABELLED = r"(?P<id>(?P<label>daisy|tulip)/\d+\.png)"  # as in the default config, where folder and table both tell


def crlf(text):
    return text.replace("\n", "\r\n")


def old_mac(text):
    return text.replace("\n", "\r")


def marked(text):
    return "\ufeff" + text


def semicolons(text):
    return text.replace(",", ";")


def tabs(text):
    return crlf(text.replace(",", "\t").replace("\n", "\t\n")).encode("utf-16")  # Excel's "Unicode text"


def longer(text):
    return text + "daisy/99.png,daisy,g1\nbook/1.png,book,g2\n"


@pytest.fixture(scope="module")
def manifests(tiny, tmp_path_factory):
    """``{way to write the table: manifest}``, each way a dataset of its own, after one run for all."""
    place = world.fresh(tiny, tmp_path_factory.mktemp("tables") / "fresh wörld")
    folder = place.folder / world.FLOWERS["folder"]
    world.draw_flowers(folder)
    text = (folder / "list.csv").read_text(encoding="utf-8")
    ways = {"plain": str, "crlf": crlf, "old-mac": old_mac, "marked": marked, "marked-crlf": lambda t: marked(crlf(t))}
    ways |= {"longer": longer, "semicolons": semicolons, "tabs": tabs}
    for way, written in ways.items():
        found = written(text)
        (folder / f"{way}.csv").write_bytes(found if isinstance(found, bytes) else found.encode("utf-8"))
    entries = {f"datasets/{way}": {**world.FLOWERS, "table": {**TABLE, "file": f"{way}.csv"}} for way in ways}
    run = place.configured(**entries, only=list(ways)).snakemake("--", *(f"results/{way}/manifest.csv" for way in ways))
    assert run.returncode == 0, run.stdout[-3000:]
    return {way: (place.results / way / "manifest.csv").read_bytes() for way in ways}


@pytest.mark.parametrize("way", ["crlf", "old-mac"])
def test_other_line_ends(manifests, way):
    """Read as ever: the same manifest to the bit."""
    assert manifests[way] == manifests["plain"]


@pytest.mark.parametrize("way", ["marked", "marked-crlf"])
def test_a_byte_order_mark(manifests, way):
    """Read as ever: the same manifest to the bit."""
    assert manifests[way] == manifests["plain"]


@pytest.mark.parametrize("way", ["semicolons", "tabs"])
def test_other_delimiters(manifests, way):
    """Read as ever: the same manifest to the bit."""
    assert manifests[way] == manifests["plain"]


def test_rows_of_images_that_are_not_there(manifests):
    """Counted on the terminal: the same manifest to the bit."""
    assert b"daisy/0.png,daisy/0.png,daisy,g0,train,50x40," in manifests["plain"]
    assert manifests["longer"] == manifests["plain"]


@pytest.fixture
def refused(pictures):
    """A function that runs with a changed table, and sees that one line says what is wrong with it."""

    def run(change, said, **entry):
        place = pictures(table=TABLE, **entry)
        table = place.folder / world.FLOWERS["folder"] / "list.csv"
        table.write_bytes(change(table.read_bytes()))
        ended = place.snakemake("--", "results/flowers/split.csv")
        assert said in refusal(ended)
        made = {path.name for path in place.results.rglob("*") if path.is_file()}
        assert made == {"flowers.log"}

    return run


def test_missing_rows(refused):
    """One line names the first image without a row, and how many there are."""
    said = "list.csv: no row for image 'daisy/0.png' (2 of 40 train images have none)."
    refused(lambda text: text.replace(b"daisy/0.png,daisy,g0\ntulip/1.png,tulip,g0\n", b""), said)


def test_an_unknown_class(refused):
    """One line names the image, its class, how many there are, and the classes of the config."""
    said = "list.csv: unknown classes (got 1 of 'rose', for example daisy/0.png). Expected daisy, tulip."
    refused(lambda text: text.replace(b"daisy/0.png,daisy", b"daisy/0.png,rose"), said)


@pytest.mark.parametrize("label", [b"daisy", b"tulip"])
def test_an_image_with_two_rows(refused, label):
    """One line names the image."""
    said = "list.csv: image 'daisy/0.png' has more than one row"
    refused(lambda text: text + b"daisy/0.png,%s,g0\n" % label, said)


def test_an_image_of_one_class_in_the_folder_of_another(refused):
    """One line names the image and both classes."""
    said = "list.csv: image 'daisy/0.png' is 'tulip' here but 'daisy' by its folder"
    patterns = {"path_patterns": {"train": [LABELLED]}}
    refused(lambda text: text.replace(b"daisy/0.png,daisy", b"daisy/0.png,tulip"), said, **patterns)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace(b"garden", b"place"), "no column 'garden' (expected path, kind, garden; got path,"),
        (lambda text: text.partition(b"\n")[2], "no column 'path' (expected path, kind, garden; got daisy/0.png,"),
    ],
    ids=["another name", "no header"],
)
def test_a_missing_column(refused, change, said):
    """One line names the column, and those that the file has."""
    refused(change, f"list.csv: {said}")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: b"", "list.csv: cannot be read as CSV in UTF-8"),
        (lambda text: text.partition(b"\n")[0], "list.csv: no row for image 'daisy/0.png'"),
    ],
    ids=["no byte", "a header alone"],
)
def test_an_empty_table(refused, change, said):
    """One line names the file."""
    refused(change, said)


def test_a_table_that_breaks_off(refused):
    """One line names the image whose row is cut."""
    said = "list.csv: column 'garden' is empty for image 'tulip/39.png'"
    refused(lambda text: text.removesuffix(b",g4\n"), said)


def test_a_table_in_another_encoding(refused):
    """One line names the file and what is expected."""
    said = "list.csv: cannot be read as CSV in UTF-8 (got the byte 0xe4 in line 2)"
    refused(lambda text: text.replace(b"g0", "gärten".encode("cp1252")), said)


def test_rows_most_of_which_are_of_no_image(refused):
    """One line shows the first of them and names the key that lets them be."""
    said = "list.csv: 5 of 45 rows name no picture, more than the allowed share of 0.1 (got 'x0', 'x1', 'x2', 'x3')"
    refused(lambda text: text + b"".join(b"x%d,daisy,g0\n" % number for number in range(5)), said)


def test_images_without_a_label_yet(refused):
    """One line says how many, and names the key that leaves them out."""
    said = "column 'kind' is empty for image 'daisy/0.png' (20 such rows). Fill in the class, or set"
    refused(lambda text: text.replace(b",daisy,", b",,"), said)
