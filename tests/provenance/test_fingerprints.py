"""What inputs hold, whatever their times say."""

import os
import pickle
import shutil
from pathlib import Path

import pytest

from headstart.provenance import fingerprints
from headstart.provenance.fingerprints import Fingerprints, Late


@pytest.fixture
def file(tmp_path):
    """A file, by its path as Snakemake has it."""
    (tmp_path / "a.csv").write_text("1")
    return str(tmp_path / "a.csv")


@pytest.fixture
def known(tmp_path):
    """A function that gives what is known, as a new process does."""
    return lambda limit=100: Fingerprints(tmp_path / "kept" / "known.json", limit)


@pytest.fixture
def read(monkeypatch):
    """The paths that were read, in their order."""
    paths, sha256 = [], fingerprints.sha256
    monkeypatch.setattr(fingerprints, "sha256", lambda path: paths.append(path) or sha256(path))
    return paths


def test_another_content_with_an_older_time_is_another(file, known, tmp_path):
    before = known().of(file)
    other = tmp_path / "other.csv"
    other.write_text("2")
    os.utime(other, (1, 1))
    shutil.copy2(other, file)
    assert known().of(file) != before


def test_the_same_content_with_another_time_is_the_same(file, known):
    before = known().of(file)
    os.utime(file, (1, 1))
    assert known().of(file) == before


def test_another_content_with_the_old_size_and_time_is_another(file, known):
    one = known()
    before, stat = one.of(file), Path(file).stat()
    with open(file, "w") as opened:
        opened.write("2")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert one.of(file) != before


def test_a_file_is_read_once_until_it_is_written(file, known, read):
    for _ in range(2):
        one = known()
        one.of(file)
        one.of(file)
        one.save()
    assert read == [file]
    with open(file, "w") as opened:
        opened.write("2")
    known().of(file)
    assert read == [file, file]


def test_a_file_that_is_gone_counts_as_it_was_and_one_that_never_was_as_none(file, known, tmp_path):
    one = known()
    before = one.of(file)
    one.save()
    Path(file).unlink()
    assert known().of(file) == before
    assert known().of(str(tmp_path / "never")) is None
    assert known().of(str(tmp_path)) is None


def test_a_file_over_the_limit_is_what_its_size_and_time_are_and_is_not_read(file, known, read):
    before = known(limit=0).of(file)
    os.utime(file, (1, 1))
    assert known(limit=0).of(file) != before
    assert read == []


def test_each_name_has_what_its_files_hold_in_their_order(file, known, tmp_path):
    (tmp_path / "b.csv").write_text("2")
    other = str(tmp_path / "b.csv")
    found = known().each({"one": file, "both": [file, other], "turned": [other, file], "none": [], "folder": tmp_path})
    assert list(found) == ["one", "both", "turned"]
    assert len(set(found.values())) == 3


@pytest.mark.parametrize("damaged", ["", "{", "[1]"])
def test_what_was_kept_and_is_damaged_is_read_anew(file, known, damaged):
    one = known()
    before = one.of(file)
    one.save()
    one.kept.write_text(damaged)
    assert known().of(file) == before


def test_where_nothing_can_be_kept_nothing_fails(file, tmp_path):
    (tmp_path / "kept").write_text("a file where a folder should be")
    one = Fingerprints(tmp_path / "kept" / "known.json", 100)
    one.of(file)
    one.save()


def test_a_late_param_is_worked_out_when_it_is_asked_for_and_a_plain_dict_to_a_stage(file, known):
    late = Late(lambda: known().each({"one": file}))
    before = repr(late)
    with open(file, "w") as opened:
        opened.write("2")
    assert repr(late) != before
    found = pickle.loads(pickle.dumps(late))
    assert type(found) is dict
    assert repr(found) == repr(late)
