"""The fetch stage: a download that is there stays."""

import hashlib
import io

import fetch
import pytest

from headstart.core.errors import InputError


def run(folder, sources, identity, sha256=None):
    arguments = {"origin": "pets", "name": "a.bin", "target": folder / "out" / "a.bin", "sources": sources}
    fetch.main(**arguments, identity=identity, sha256=sha256, md5=None, terminal=io.StringIO())


@pytest.fixture
def mirror(tmp_path):
    (tmp_path / "mirror" / "pets").mkdir(parents=True)
    (tmp_path / "mirror" / "pets" / "a.bin").write_bytes(b"content")
    return [{"mirror": str(tmp_path / "mirror")}]


DIGEST = hashlib.sha256(b"content").hexdigest()


def test_a_whole_file_of_the_same_identity_is_not_fetched_again(tmp_path, mirror):
    run(tmp_path, mirror, {"sha256": DIGEST}, DIGEST)
    run(tmp_path, [], {"sha256": DIGEST}, DIGEST)  # no source could give it
    assert (tmp_path / "out" / "a.bin").read_bytes() == b"content"


def test_a_file_of_another_identity_is_fetched_again(tmp_path, mirror):
    run(tmp_path, mirror, {"sources": "old"})
    (tmp_path / "mirror" / "pets" / "a.bin").write_bytes(b"other")
    run(tmp_path, mirror, {"sources": "new"})
    assert (tmp_path / "out" / "a.bin").read_bytes() == b"other"


def test_a_file_that_was_changed_is_fetched_again(tmp_path, mirror):
    run(tmp_path, mirror, {"sha256": DIGEST}, DIGEST)
    (tmp_path / "out" / "a.bin").write_bytes(b"cont")
    run(tmp_path, mirror, {"sha256": DIGEST}, DIGEST)
    assert (tmp_path / "out" / "a.bin").read_bytes() == b"content"


def test_a_file_stays_when_no_source_can_give_its_successor(tmp_path, mirror):
    run(tmp_path, mirror, {"sources": "old"})
    with pytest.raises(InputError, match="no source provided this file"):
        run(tmp_path, [], {"sources": "new"})
    assert (tmp_path / "out" / "a.bin").read_bytes() == b"content"
