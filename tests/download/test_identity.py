"""What a user's folder looks like, and files whose time lies ahead."""

import os
import time

import pytest

from headstart.core.errors import InputError
from headstart.download import identity


@pytest.mark.parametrize("name", ["a.png", "more/b.png", os.fsdecode(b"\xf1.png")])
def test_the_state_of_a_folder_follows_what_is_in_it_and_in_linked_folders(tmp_path, name):
    (tmp_path / "data").mkdir()
    (tmp_path / "disk").mkdir()
    (tmp_path / "data" / "more").symlink_to("../disk")
    (tmp_path / "data" / "round").symlink_to(".")
    before = identity.state(tmp_path / "data")
    (tmp_path / "data" / name).write_bytes(b"1")
    after = identity.state(tmp_path / "data")
    (tmp_path / "data" / name).write_bytes(b"22")
    assert len({before, after, identity.state(tmp_path / "data")}) == 3
    state = identity.state(tmp_path / "data")
    (tmp_path / "data" / "Thumbs.db").write_bytes(b"3")
    assert identity.state(tmp_path / "data") == state


def test_a_file_that_is_dated_ahead_is_named_with_what_mends_it(tmp_path):
    (tmp_path / "now").touch()
    (tmp_path / "a little").touch()
    os.utime(tmp_path / "a little", (time.time() + 5,) * 2)
    identity.ahead([tmp_path / "now", tmp_path / "nowhere", tmp_path / "a little"])
    os.utime(tmp_path / "now", (time.time() + 7200,) * 2)
    with pytest.raises(InputError, match=r"now: its modification time is in the future \(got 2.*\)\. Run touch"):
        identity.ahead([tmp_path / "now"])
