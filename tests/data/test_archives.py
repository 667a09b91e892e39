"""Archives unpacked without trusting them."""

import gzip
import stat
import zipfile

import pytest

from headstart.core.errors import InputError
from headstart.core.listing import listed
from headstart.data.archives import unpack

LIMIT = 1000


def write_zip(path, members):
    """Write a zip of (name or ZipInfo, content) pairs."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def refusal(archive, folder, limit=LIMIT):
    """The text of the `InputError` for an archive, in one line; nothing is unpacked outside ``folder``."""
    beside = set(folder.parent.iterdir())
    with pytest.raises(InputError) as caught:
        unpack(archive, folder, limit=limit)
    assert "\n" not in str(caught.value)
    assert str(archive) in str(caught.value)
    assert set(folder.parent.iterdir()) - beside <= {folder}
    return str(caught.value)


def test_a_zip_goes_into_a_folder_named_after_it(tmp_path):
    archive = write_zip(tmp_path / "train.zip", [("cats/1.jpg", b"one"), ("dogs/", b""), ("dogs/2.jpg", b"two")])
    assert unpack(archive, tmp_path / "out", limit=LIMIT) == 2
    assert (tmp_path / "out" / "train" / "cats" / "1.jpg").read_bytes() == b"one"
    assert (tmp_path / "out" / "train" / "dogs" / "2.jpg").read_bytes() == b"two"


def test_a_gz_goes_beside_it_without_the_suffix(tmp_path):
    (tmp_path / "digits.gz").write_bytes(gzip.compress(b"digits"))
    assert unpack(tmp_path / "digits.gz", tmp_path / "out", limit=LIMIT) == 1
    assert (tmp_path / "out" / "digits").read_bytes() == b"digits"


def test_any_other_file_is_copied(tmp_path):
    (tmp_path / "table.csv").write_bytes(b"a,b\n")
    assert unpack(tmp_path / "table.csv", tmp_path / "out", limit=LIMIT) == 1
    assert (tmp_path / "out" / "table.csv").read_bytes() == b"a,b\n"


@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "..", "/evil", "..\\evil", "a\\..\\..\\evil", "\\evil", "C:\\evil", "C:/evil"]
)
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path, name):
    archive = write_zip(tmp_path / "a.zip", [("good", b"good"), (name, b"evil")])
    assert "lies outside the folder" in refusal(archive, tmp_path / "out")
    assert not (tmp_path / "out" / "a").exists()


def test_a_member_without_a_name_is_refused(tmp_path):
    refusal(write_zip(tmp_path / "a.zip", [(".", b"evil")]), tmp_path / "out")


def test_a_link_is_refused(tmp_path):
    link = zipfile.ZipInfo("link")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive = write_zip(tmp_path / "a.zip", [(link, "/etc/passwd")])
    assert "'link' is a link" in refusal(archive, tmp_path / "out")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("again", ["1.jpg", "./1.jpg"])
def test_a_name_that_stands_twice_is_refused(tmp_path, again):
    archive = write_zip(tmp_path / "a.zip", [("1.jpg", b"one"), (again, b"two")])
    assert "occurs twice" in refusal(archive, tmp_path / "out")


@pytest.mark.parametrize("names", [("a/b", "a/b/c"), ("a/b/c/d", "a/b")])
def test_a_name_for_a_file_and_a_folder_is_refused(tmp_path, names):
    archive = write_zip(tmp_path / "a.zip", [(name, b"one") for name in names])
    assert "'a/b' is both a file and a folder" in refusal(archive, tmp_path / "out")


def test_a_zip_that_declares_more_than_the_limit_is_refused(tmp_path):
    archive = write_zip(tmp_path / "a.zip", [("a", bytes(600)), ("b", bytes(401))])
    assert "declares 1,001 bytes, more than the 1,000 of max_unpacked_bytes" in refusal(archive, tmp_path / "out")


def test_a_zip_of_just_the_limit_is_unpacked(tmp_path):
    archive = write_zip(tmp_path / "a.zip", [("a", bytes(LIMIT))])
    assert unpack(archive, tmp_path / "out", limit=LIMIT) == 1


@pytest.mark.parametrize("members", [[], [("folder/", b"")]], ids=["nothing", "a folder"])
def test_a_zip_without_files_is_refused(tmp_path, members):
    assert "it has no files" in refusal(write_zip(tmp_path / "a.zip", members), tmp_path / "out")


@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_a_truncated_zip_is_refused(tmp_path, share):
    archive = write_zip(tmp_path / "a.zip", [("a", bytes(range(200)))])
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * share)])
    assert "cannot be unpacked" in refusal(archive, tmp_path / "out")


def test_a_member_with_a_wrong_crc_is_refused(tmp_path):
    archive = write_zip(tmp_path / "a.zip", [("a", b"content")])
    archive.write_bytes(archive.read_bytes().replace(b"content", b"contend"))
    assert "Bad CRC-32" in refusal(archive, tmp_path / "out")


def test_a_zip_that_wants_a_password_is_refused(tmp_path):
    archive = write_zip(tmp_path / "a.zip", [("a", b"content")])
    content = bytearray(archive.read_bytes())
    content[6] |= 1  # the flags in the local header, and in the directory
    content[content.index(b"PK\1\2") + 8] |= 1
    archive.write_bytes(content)
    refusal(archive, tmp_path / "out")


def test_a_zip_with_a_compression_that_python_lacks_is_refused(tmp_path):
    archive = write_zip(tmp_path / "a.zip", [("a", b"content")])
    content = bytearray(archive.read_bytes())
    content[8] = 97
    content[content.index(b"PK\1\2") + 10] = 97
    archive.write_bytes(content)
    refusal(archive, tmp_path / "out")


@pytest.mark.parametrize("content", [b"not gzip", gzip.compress(b"digits" * 99)[:-9]], ids=["none", "truncated"])
def test_a_damaged_gz_is_refused(tmp_path, content):
    (tmp_path / "a.gz").write_bytes(content)
    assert "cannot be unpacked" in refusal(tmp_path / "a.gz", tmp_path / "out")


def test_backslashes_in_a_zip_are_folders(tmp_path):
    members = []
    for name in ("train\\cats\\", "train\\cats\\1.jpg", "train/dogs\\2.jpg"):
        members.append(zipfile.ZipInfo("x"))
        members[-1].filename = name
    archive = write_zip(tmp_path / "a.zip", [(member, b"1" * (".jpg" in member.filename)) for member in members])
    assert unpack(archive, tmp_path / "out", limit=LIMIT) == 2
    assert listed(tmp_path / "out") == ["a/train/cats/1.jpg", "a/train/dogs/2.jpg"]


@pytest.mark.parametrize(
    ("name", "content"), [("a.gz", gzip.compress(bytes(LIMIT + 1))), ("a.csv", bytes(LIMIT + 1))], ids=["gz", "csv"]
)
def test_what_becomes_larger_than_the_limit_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert "unpacks to more than 1,000 bytes. Raise max_unpacked_bytes" in refusal(tmp_path / name, tmp_path / "out")
    assert unpack(tmp_path / name, tmp_path / "out", limit=LIMIT + 1) == 1


def test_a_gz_that_becomes_far_larger_is_not_unpacked_first(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(bytes(30_000_000)))
    refusal(tmp_path / "a.gz", tmp_path / "out")
    assert (tmp_path / "out" / "a").stat().st_size <= LIMIT
