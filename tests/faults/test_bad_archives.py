"""Archives that are damaged or hostile."""

import stat
import struct
import zipfile

import pytest
from running import refusal

from headstart.core import listing

LIMIT = 1_000_000
GOOD = [(f"{label}/{number}.jpg", bytes(range(200))) for label in ("cat", "dog") for number in range(3)]
pytestmark = pytest.mark.filterwarnings("ignore:Duplicate name")


@pytest.fixture
def unpacked(fresh):
    """Unpack pets.zip, laid into the mirror, with these members; ``spoil`` changes its bytes. Give world and run."""
    place = fresh.folder / "mirror" / "pets" / "pets.zip"
    place.parent.mkdir()
    pets = {
        "files": ["pets.zip"],
        "path_patterns": {"train": [r"(?P<label>cat|dog)/(?P<id>\d+)\.jpg"]},
        "classes": ["cat", "dog"],
        "recipes": ["head"],
        "submission": None,
    }
    downloads = {"datasets/pets": pets, "downloads/pets": {"pets.zip": {"sources": []}}}
    world = fresh.configured(only="pets", max_unpacked_bytes=LIMIT, **downloads)

    def run(members, spoil=bytes):
        with zipfile.ZipFile(place, "w") as archive:
            for name, content in members:
                archive.writestr(name, content)
        place.write_bytes(spoil(place.read_bytes()))
        return world, world.snakemake("--", "results/pets/images")

    return run


def refused(world, run):
    """The one line in which a run ended, without images or anything else of the archive."""
    line = refusal(run)
    assert not (world.folder / "results" / "pets" / "images").exists()
    assert list(world.folder.rglob("*.part")) == []
    assert list(world.folder.parent.rglob("*evil*")) == []
    return line


def assert_right(world, run):
    assert run.returncode == 0, run.stdout[-3000:]
    folder = world.folder / "results" / "pets" / "images"
    assert {name: (folder / "pets" / name).read_bytes() for name in listing.listed(folder / "pets")} == dict(GOOD)
    assert listing.listed(folder) == [f"pets/{name}" for name, _ in GOOD]


def link(name, target):
    """A member that is a symbolic link."""
    member = zipfile.ZipInfo(name)
    member.create_system = 3
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member, target


def declares_less(content):
    """The same zip, whose first member says that it is a byte long; so do bombs get past a limit."""
    content = bytearray(content)
    for place in (22, content.index(b"PK\1\2") + 24):
        assert content[place : place + 4] == struct.pack("<I", 200)
        content[place : place + 4] = struct.pack("<I", 1)
    return bytes(content)


@pytest.mark.parametrize("name", ["../../../evil.jpg", "/evil.jpg"])
def test_a_member_leads_out_of_the_folder(unpacked, name):
    """One line names the member; nothing is unpacked."""
    line = refused(*unpacked([*GOOD, (name, b"evil")]))
    assert f"resources/pets/pets.zip: the member {name!r} lies outside the folder, so it was not unpacked" in line


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([*GOOD, link("cat/evil.jpg", "/etc/hostname")], "the member 'cat/evil.jpg' is a link"),
        ([*GOOD, GOOD[0]], "the member 'cat/0.jpg' occurs twice"),
        ([("cat", b"evil"), *GOOD], "the member 'cat' is both a file and a folder"),
        (
            [*GOOD, ("evil.jpg", bytes(LIMIT))],
            "it declares 1,001,200 bytes, more than the 1,000,000 of max_unpacked_bytes",
        ),
        ([], "it has no files"),
    ],
    ids=["a link", "a member twice", "a file that is a folder", "more than max_unpacked_bytes", "nothing"],
)
def test_an_archive_must_not_be_unpacked(unpacked, members, said):
    """One line says why; nothing is unpacked."""
    assert f"resources/pets/pets.zip: {said}, so it was not unpacked" in refused(*unpacked(members))


def test_a_member_is_longer_than_it_declares(unpacked):
    """One line says that it cannot be unpacked; nothing of it is left."""
    line = refused(*unpacked(GOOD, declares_less))
    assert "resources/pets/pets.zip: cannot be unpacked (Bad CRC-32" in line
    assert "Remove it and run again to fetch it anew" in line


def test_an_archive_is_truncated(unpacked):
    """One line says that it is not a zip archive; neither archive nor images are left."""
    world, run = unpacked(GOOD, lambda content: content[:-100])
    assert "mirror/pets/pets.zip: not a zip archive" in refused(world, run)
    assert not (world.folder / "resources" / "pets" / "pets.zip").exists()


def test_a_member_is_damaged(unpacked):
    """One line, and no images; the next run, with a whole archive in the mirror, ends with the right ones."""
    world, run = unpacked(GOOD, lambda content: content.replace(bytes(range(100)), bytes(100), 1))
    line = refused(world, run)
    assert "resources/pets/pets.zip: cannot be unpacked (Bad CRC-32" in line
    assert_right(*unpacked(GOOD))
