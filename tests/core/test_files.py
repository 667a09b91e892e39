"""Files that are whole or absent."""

import errno
import hashlib
import os
from pathlib import Path

import pytest

from headstart.core import files, listing
from headstart.core.errors import InputError
from headstart.core.files import atomic, sha256


def test_a_file_appears_under_its_name_when_it_is_whole(tmp_path):
    path = tmp_path / "new" / "folder" / "file"
    with atomic(path) as temporary:
        temporary.write_text("all of it")
        assert not path.exists()
    assert path.read_text() == "all of it"
    assert list(path.parent.iterdir()) == [path]


def test_an_exception_leaves_nothing(tmp_path):
    with pytest.raises(KeyError), atomic(tmp_path / "file") as temporary:
        temporary.write_text("half of it")
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_an_exception_leaves_the_old_file_as_it_was(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), atomic(path) as temporary:
        temporary.write_text("half of it")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_replaces_the_old_folder_as_a_whole(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "old").touch()
    with atomic(path) as temporary:
        temporary.mkdir()
        (temporary / "new").touch()
    assert [file.name for file in path.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("fails", [False, True])
def test_a_folder_that_cannot_be_replaced_stays(tmp_path, fails):
    """The block may make nothing, or fail."""
    path = tmp_path / "folder"
    path.mkdir()
    (path / "old").touch()
    with pytest.raises(KeyError if fails else FileNotFoundError), atomic(path):
        if fails:
            raise KeyError
    assert [file.name for file in path.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_to_a_folder_is_replaced_and_the_folder_stays(tmp_path):
    path, other = tmp_path / "folder", tmp_path / "other"
    other.mkdir()
    (other / "mine").touch()
    path.symlink_to(other)
    for _ in range(2):
        with atomic(path) as temporary:
            temporary.mkdir()
            (temporary / "new").touch()
    assert [file.name for file in path.iterdir()] == ["new"]
    assert [file.name for file in other.iterdir()] == ["mine"]
    assert sorted(tmp_path.iterdir()) == [path, other]


def test_an_exception_leaves_nothing_of_a_folder(tmp_path):
    with pytest.raises(KeyError), atomic(tmp_path / "folder") as temporary:
        temporary.mkdir()
        (temporary / "half").touch()
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_the_temporary_name_is_hidden_and_beside_the_file(tmp_path):
    with atomic(tmp_path / "file.h5") as temporary:
        assert temporary.parent == tmp_path
        assert temporary.name.startswith(".")
        temporary.touch()


def test_sha256_is_of_the_bytes(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    assert sha256(tmp_path / "file") == hashlib.sha256(b"abc").hexdigest()


def test_what_a_killed_stage_left_is_removed(tmp_path):
    (tmp_path / ".out.1234.part").write_text("half")
    (tmp_path / ".out.5678.part").mkdir()
    (tmp_path / ".other.1234.part").write_text("not ours")
    with atomic(tmp_path / "out") as temporary:
        temporary.write_text("whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.1234.part", "out"]


def draw(root, *names):
    """Write small files under ``root``, by their names as bytes or text."""
    for name in names:
        path = Path(root, os.fsdecode(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.fsencode(name))


def test_files_are_listed_in_order_with_slashes(tmp_path):
    draw(tmp_path, "b/2.png", "b/1.png", "a.txt", "b/deep/er/3.png")
    assert listing.listed(tmp_path) == ["a.txt", "b/1.png", "b/2.png", "b/deep/er/3.png"]


@pytest.mark.parametrize(
    "name",
    ["@eaDir/0.png/SYNOPHOTO_THUMB_M.jpg", "__MACOSX/._0.png", "Thumbs.db", "thumbs.db", "desktop.ini", "Desktop.ini"]
    + ["$RECYCLE.BIN/1.jpg", "#recycle/1.jpg", "lost+found/1", ".git/x", ".0.png", "System Volume Information/x"]
    + ["@Recycle/1.jpg", "Icon\r"],
)
def test_what_systems_lay_beside_pictures_is_passed_over_and_counted(tmp_path, name):
    draw(tmp_path, "dog/0.png", f"dog/{name}", name)
    found = listing.listing(tmp_path)
    assert found.paths == ["dog/0.png"]
    assert list(found.passed_over.values()) == [2]
    assert "skipped hidden and system files: 2 " in found.note()


def test_a_linked_folder_is_entered_but_not_in_circles(tmp_path):
    draw(tmp_path, "disk/cat/1.png", "data/dog/2.png")
    (tmp_path / "data" / "more").symlink_to("../disk")
    (tmp_path / "data" / "dog" / "up").symlink_to("..")
    (tmp_path / "disk" / "back").symlink_to("../data")
    (tmp_path / "data" / "one.png").symlink_to("dog/2.png")
    assert listing.listed(tmp_path / "data") == ["dog/2.png", "more/cat/1.png", "one.png"]


def test_links_that_lead_to_no_file_are_told(tmp_path):
    draw(tmp_path, "1.png")
    (tmp_path / "lost.png").symlink_to("nowhere.png")
    (tmp_path / "round.png").symlink_to("round.png")
    found = listing.listing(tmp_path)
    assert (found.paths, sorted(found.dead)) == (["1.png"], ["lost.png", "round.png"])
    assert "broken links: 2" in found.note()


def test_a_folder_that_cannot_be_listed_is_bad_input(tmp_path):
    with pytest.raises(InputError, match="nowhere: cannot list the folder"):
        listing.listed(tmp_path / "nowhere")


NAMES = [
    b"ca\xf1on.png",
    b"ca\xef\xbf\xbdon.png",
    rb"ca\xf1on.png",
    rb"ca\x5cxf1on.png",
    b"a\nb\r.png",
    b"\xed\xa0\x80",
]


def test_every_name_is_listed_as_text_of_its_own_and_found_again(tmp_path):
    draw(tmp_path, *NAMES, b"d\xf1r/1.png", "é", "e\u0301", "a b%20#1.png", "a\\b.png")
    found = listing.listed(tmp_path)
    assert len(set(found)) == len(NAMES) + 5
    assert {"d\\xf1r/1.png", "ca\\xf1on.png", "é", "a\\b.png"} <= set(found)
    for path in found:
        assert path.encode("utf-8").decode().isprintable()
        assert listing.located(tmp_path, path).read_bytes() == os.fsencode(listing.located("", path))


def test_suffixes_are_counted_the_commonest_first():
    paths = ["1.txt", "a/2.HEIC", "b.d/3.heic", "README", "4.jpg"]
    assert listing.suffix_counts(paths) == "2 .heic, 1 without a suffix, 1 .jpg, 1 .txt"
    assert listing.suffix_counts([]) == ""


def test_the_docs_name_every_suffix_of_pictures():
    said = (Path(__file__).resolve().parents[2] / "config" / "README.md").read_text(encoding="utf-8")
    assert [suffix for suffix in listing.SUFFIXES if suffix not in said.split()] == []


@pytest.mark.parametrize(
    "error",
    [PermissionError(errno.EACCES, "Permission denied"), RuntimeError("Can't read data (errno = 13, message = 'no')")],
    ids=["system", "h5py"],
)
def test_what_the_system_refuses_is_no_fault_of_the_file(error):
    with pytest.raises(PermissionError) as caught, files.reading("a.h5", "HDF5 file"):
        raise error
    assert caught.value.filename == "a.h5"


@pytest.mark.parametrize(
    "error", [KeyError("values"), OSError("file signature\nnot found"), FileNotFoundError(errno.ENOENT, "No such file")]
)
def test_a_file_that_is_not_whole_is_bad_input_in_one_line(error):
    with pytest.raises(InputError, match=r"^a\.h5: not a valid HDF5 file \(.+\)\. Remove it and run again\.$"):
        with files.reading("a.h5", "HDF5 file"):
            raise error
