"""Archives unpacked without trusting them."""

import gzip
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from headstart.errors import InputError


def unpack(archive, folder, *, limit):
    """Unpack one downloaded file into ``folder``; return how many files it gave.

    A .zip goes into a subfolder named after it, a .gz and any other file beside it under their own name. ``limit`` is
    the size in bytes that a zip may declare in all. Raises `InputError` on damaged archives and on zips with names that
    lead out of the folder, links, a name twice or for a file and a folder, more than ``limit`` bytes, or nothing in
    them.
    """
    archive, folder = Path(archive), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if archive.suffix == ".zip":
            return _unzip(archive, folder / archive.stem, limit)
        if archive.suffix == ".gz":
            with gzip.open(archive) as source, open(folder / archive.stem, "wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        else:
            shutil.copyfile(archive, folder / archive.name)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        # RuntimeError: encrypted. NotImplementedError: a compression that Python does not know. An errno: no fault of
        # the archive, but no space or no rights.
        if getattr(error, "errno", None):
            raise
        raise InputError(
            f"{archive}: cannot be unpacked ({error}); remove it and run again to fetch it anew"
        ) from error
    return 1


def _unzip(archive, folder, limit):
    with zipfile.ZipFile(archive) as file:
        members = [member for member in file.infolist() if not member.is_dir()]
        problem = _problem(members, limit)
        if problem:
            raise InputError(f"{archive}: {problem}; it is not unpacked, get it from its publisher")
        for member in members:
            file.extract(member, folder)  # checks the CRC
    return len(members)


def _problem(members, limit):
    if not members:
        return "nothing in it, expected images"
    seen, folders = set(), set()
    for member in members:
        # zipfile turns backslashes into slashes only on Windows; elsewhere they are part of a name.
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if not name.parts or name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
            return f"the member {member.filename!r} leads out of the folder"
        if stat.S_ISLNK(member.external_attr >> 16):
            return f"the member {member.filename!r} is a link, expected plain files"
        if str(name) in seen:
            return f"the member {member.filename!r} stands in it twice"
        seen.add(str(name))
        folders |= set(map(str, name.parents))
    if both := sorted(seen & folders):
        return f"the member {both[0]!r} is a file, and a folder of others"
    size = sum(member.file_size for member in members)
    if size > limit:
        return f"it declares {size:,} bytes, expected at most {limit:,} (unpack_limit)"
    return None
