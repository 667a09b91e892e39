"""What a downloaded file contains, whatever it came packed in."""

import gzip
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.errors import InputError
from headstart.download import packing

RAW = bytes(range(256)) * 40


@pytest.mark.parametrize(("level", "mtime"), [(1, 0), (9, 0), (6, 1_000_000_000)])
def test_the_digest_of_a_gz_is_of_what_is_in_it(tmp_path, level, mtime):
    (tmp_path / "file").write_bytes(gzip.compress(RAW, level, mtime=mtime))
    assert packing.digest(tmp_path / "file", "digits.gz") == hashlib.sha256(RAW).hexdigest()


@settings(deadline=None)
@given(raw=st.binary(max_size=500), level=st.integers(1, 9))
def test_any_content_has_one_digest_at_any_level(tmp_path_factory, raw, level):
    path = tmp_path_factory.mktemp("gz") / "file"
    path.write_bytes(gzip.compress(raw, level))
    assert packing.digest(path, "a.gz") == hashlib.sha256(raw).hexdigest()


def test_the_digest_of_other_files_is_of_their_bytes(tmp_path):
    (tmp_path / "file").write_bytes(RAW)
    assert packing.digest(tmp_path / "file", "list.csv") == hashlib.sha256(RAW).hexdigest()


@pytest.mark.parametrize(
    "damaged", [RAW, gzip.compress(RAW)[:-9], gzip.compress(RAW)[:5]], ids=["raw", "short", "header"]
)
def test_a_damaged_gz_is_bad_input(tmp_path, damaged):
    (tmp_path / "file").write_bytes(damaged)
    with pytest.raises(InputError, match="not a valid gzip file"):
        packing.digest(tmp_path / "file", "a.gz")


def test_a_gz_with_a_wrong_checksum_is_bad_input(tmp_path):
    packed = bytearray(gzip.compress(RAW))
    packed[-5] ^= 1
    (tmp_path / "file").write_bytes(packed)
    with pytest.raises(InputError):
        packing.digest(tmp_path / "file", "a.gz")


def test_a_raw_file_is_packed_the_same_every_time(tmp_path):
    for number in (1, 2):
        (tmp_path / f"raw{number}").write_bytes(RAW)
        packing.pack(tmp_path / f"raw{number}", tmp_path / f"{number}.gz", "digits.gz")
    assert (tmp_path / "1.gz").read_bytes() == (tmp_path / "2.gz").read_bytes()
    assert gzip.decompress((tmp_path / "1.gz").read_bytes()) == RAW
    assert (tmp_path / "1.gz").read_bytes()[4:8] == bytes(4)  # no time in the header


@pytest.mark.parametrize(("member", "name"), [("digits.gz", "digits.gz"), ("a.zip", "a.zip"), ("a.h5", "a.h5")])
def test_a_member_that_has_the_form_already_is_copied(tmp_path, member, name):
    (tmp_path / member).write_bytes(RAW)
    packing.pack(tmp_path / member, tmp_path / "out", name)
    assert (tmp_path / "out").read_bytes() == RAW


def test_a_zip_that_is_none_is_bad_input(tmp_path):
    (tmp_path / "file").write_bytes(b"<html>please log in</html>")
    with pytest.raises(InputError, match="not a zip archive"):
        packing.digest(tmp_path / "file", "train.zip")
