"""Files that are whole or absent."""

import hashlib

import pytest

from headstart.files import atomic, sha256


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
