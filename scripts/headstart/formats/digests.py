"""Compare digests of downloaded files, after the download (`download`) and whenever a stage reads the file."""

import gzip
import hashlib
import zipfile
import zlib
from pathlib import Path

from headstart.core.errors import InputError
from headstart.core.files import raise_refusal, sha256


def content(path, name):
    """Return the SHA-256 of the content of the file ``path``, which will be called ``name``.

    .gz: of the decompressed bytes. .zip: of the bytes, after a check that it is a zip archive. Anything else: of the
    bytes. Raises `InputError` if the content cannot be read.
    """
    if name.endswith(".zip") and not zipfile.is_zipfile(path):
        raise InputError("not a zip archive (perhaps a login page)")
    if not name.endswith(".gz"):
        return sha256(path)
    try:
        with gzip.open(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, EOFError, zlib.error) as error:
        raise_refusal(error, path)
        raise InputError(f"not a valid gzip file ({error})") from error


def expected(entry):
    """Return the digests that the config has for a download, ``{"sha256": [digests], "md5": digest or None}``.

    A source whose content differs has its own digest. A file need match only one of the list. The list is empty if the
    config has none.
    """
    own = [source["sha256"] for source in entry["sources"] if source.get("sha256")]
    return {"sha256": [entry["sha256"], *own] if entry["sha256"] else [], "md5": entry["md5"]}


def verify(path, known, digest=content):
    """Raise `InputError` unless a file matches the config's digests; ``known`` comes from `expected`.

    ``digest`` takes the path and the file's name. It is not called if the config has no SHA-256.
    """
    try:
        compare(path, Path(path).name, known, digest)
    except InputError as error:
        raise InputError(f"{path}: {error}. Remove it and run again to fetch it anew.") from error


def compare(path, name, known, digest=content):
    """Raise `InputError` unless the file ``path``, to be called ``name``, matches ``known``; see `verify`."""
    if known["md5"] and (got := _md5(path)) != known["md5"]:
        raise InputError(f"MD5 does not match (expected {known['md5']}, got {got})")
    if known["sha256"] and (got := digest(path, name)) not in known["sha256"]:
        wanted = " or ".join(known["sha256"])
        raise InputError(f"SHA-256 of the content does not match (expected {wanted}, got {got})")


def _md5(path):
    """Return the MD5 of a file's bytes, which some publishers give."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()
