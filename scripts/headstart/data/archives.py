"""Unpack archives without trusting them."""

import gzip
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from headstart.core.errors import InputError


def unpack(archive, folder, *, limit):
    """Unpack one downloaded file into ``folder``; return how many files it gave.

    A .zip goes into a subfolder named after it. A .gz and any other file go beside it under their own name. ``limit``
    is the size in bytes that all unpacked files may have together. Raises `InputError` on damaged archives, and on more
    than ``limit`` bytes. Raises it for zips without files, with links, or with names that lead out of the folder.
    Raises it also where a zip has a name twice, or for a file and a folder.
    """
    archive, folder = Path(archive), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if archive.suffix == ".zip":
            return _unzip(archive, folder / archive.stem, limit)
        if archive.suffix == ".gz":
            _copy(archive, gzip.open, folder / archive.stem, limit)
        else:
            _copy(archive, open, folder / archive.name, limit)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        # RuntimeError: encrypted. NotImplementedError: a compression that Python does not know. An errno is no
        # fault of the archive: no space is left, or rights are missing.
        if getattr(error, "errno", None):
            raise
        raise InputError(
            f"{archive}: cannot be unpacked ({error}). Remove it and run again to fetch it anew."
        ) from error
    return 1


def _copy(archive, opened, target, limit):
    left = limit
    with opened(archive, "rb") as source, open(target, "wb") as file:
        while block := source.read(1 << 20):
            left -= len(block)
            if left < 0:
                raise InputError(
                    f"{archive}: unpacks to more than {limit:,} bytes. Raise max_unpacked_bytes if you trust it."
                )
            file.write(block)


def _unzip(archive, folder, limit):
    with zipfile.ZipFile(archive) as file:
        for member in file.infolist():
            # Windows' own packer writes backslashes; zipfile makes folders of them only on Windows.
            member.filename = member.filename.replace("\\", "/")
        members = [member for member in file.infolist() if not member.is_dir()]
        problem = _problem(members, limit)
        if problem:
            raise InputError(f"{archive}: {problem}, so it was not unpacked. Get it from its publisher.")
        for member in members:
            file.extract(member, folder)  # checks the CRC
    return len(members)


def _problem(members, limit):
    if not members:
        return "it has no files"
    seen, folders = set(), set()
    for member in members:
        name = PurePosixPath(member.filename)
        if not name.parts or name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
            return f"the member {member.filename!r} lies outside the folder"
        if stat.S_ISLNK(member.external_attr >> 16):
            return f"the member {member.filename!r} is a link"
        if str(name) in seen:
            return f"the member {member.filename!r} occurs twice"
        seen.add(str(name))
        folders |= set(map(str, name.parents))
    if both := sorted(seen & folders):
        return f"the member {both[0]!r} is both a file and a folder"
    size = sum(member.file_size for member in members)
    if size > limit:
        return f"it declares {size:,} bytes, more than the {limit:,} of max_unpacked_bytes"
    return None
