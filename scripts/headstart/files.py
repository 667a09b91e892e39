"""Files that are whole or absent, and their digests."""

import contextlib
import errno
import glob
import hashlib
import json
import os
import re
import shutil
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from headstart.errors import InputError

SUFFIXES = (  # of pictures
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".pjpeg", ".pjp", ".mpo"),
    *(".png", ".apng", ".gif", ".webp", ".avif", ".heic", ".heif", ".hif"),
    *(".bmp", ".dib", ".tif", ".tiff", ".tga", ".jp2", ".j2k", ".pgm", ".ppm", ".pbm", ".pnm"),
)
SYSTEM = {  # names of what systems lay beside pictures, in small letters; so is all that begins with a dot
    *("__macosx", "icon\r", "network trash folder", "temporary items"),  # macOS
    *("thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "recycler", "found.000"),  # Windows
    *("system volume information", "lost.dir", "lost+found"),  # Windows, Android, Linux
    *("@eadir", "@tmp", "@sharebin", "@synoresource", "#recycle", "#snapshot", "~snapshot"),  # Synology, NetApp
    *("@recycle", "@recently-snapshot", "@__thumb"),  # QNAP
}


@contextlib.contextmanager
def atomic(path):
    """Yield a temporary name beside ``path``; on success sync it to disk and rename it to ``path``.

    On an exception the temporary file or folder is removed and ``path`` stays as it was.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):  # by a stage that was killed
        if left.name.count(".") == path.name.count(".") + 3:  # not that of <name>.zip
            _remove(left)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        if temporary.is_file():
            with open(temporary, "rb") as file:
                os.fsync(file.fileno())
        else:
            os.sync()  # one by one, thousands of pictures would take minutes
            if path.is_dir():
                shutil.rmtree(path)
        os.replace(temporary, path)
    except OSError as error:
        if error.errno and not error.filename:  # no space: the system does not say where
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        _remove(temporary)


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sha256(path):
    """Return the SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def raise_refusal(error, path):
    """Raise an `OSError` that names ``path`` where ``error`` is the system's refusal to read or write it.

    h5py turns some of these into errors of other kinds, with the system's number in their text. Nothing is raised for
    other errors, which are about a file's content, and for a file that is not there.
    """
    said = re.search(r"\berrno = (\d+)", str(error))
    number = getattr(error, "errno", None) or (int(said[1]) if said else None)
    if number not in (None, errno.ENOENT):
        raise OSError(number, os.strerror(number), str(path)) from error


REMEDY = "remove it and run again"


@contextlib.contextmanager
def reading(path, kind, remedy=REMEDY):
    """Raise `InputError` where reading a file shows that it is not a whole ``kind``, such as "HDF5 file".

    What the system refuses (`raise_refusal`) is no fault of the file.
    """
    try:
        yield
    except (OSError, EOFError, KeyError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise_refusal(error, path)
        raise InputError(f"{path}: not a whole {kind} ({' '.join(str(error).split())}); {remedy}") from error


@dataclass
class Listing:
    """Files under a folder: sorted ``paths``, counts ``passed_over`` of systems' names, links that are ``dead``.

    Paths are relative, with slashes, as `escaped` writes them.
    """

    paths: list = field(default_factory=list)
    passed_over: Counter = field(default_factory=Counter)
    dead: list = field(default_factory=list)

    def note(self):
        """Return in words what was passed over and which links are dead, empty where there is nothing to say."""
        found = ", ".join(f"{count:,} {name}" for name, count in sorted(self.passed_over.items()))
        dead = f"links that lead to no file: {len(self.dead):,}, {self.dead[0]} for one" if self.dead else ""
        return "; ".join(filter(None, [f"of systems, passed over: {found}" if found else "", dead]))


def listing(root):
    """Return the `Listing` of a folder. Linked folders are entered, but not one that leads back to where it stands.

    Raises `InputError` where a folder cannot be read.
    """
    found = Listing()
    _list(os.fspath(root), "", (), found)
    found.paths.sort()
    return found


def listed(root):
    """Return the sorted paths of all files under a folder, but for those of systems; see `Listing`."""
    return listing(root).paths


def _list(folder, prefix, above, found):
    """Add to ``found`` what is in a folder; ``above`` has the device and number of each folder on the way to it."""
    try:
        status = Path(folder).stat()
        entries = list(os.scandir(folder))
    except OSError as error:
        raise InputError(
            f"{escaped(folder)}: cannot be listed ({error.strerror}); name one that can be read, or mend its rights"
        ) from error
    here = (status.st_dev, status.st_ino)
    if here in above and status.st_ino:  # a link back; some file systems number nothing
        return
    for entry in entries:
        path = prefix + escaped(entry.name)
        if entry.name.startswith(".") or entry.name.casefold() in SYSTEM:
            found.passed_over["hidden" if entry.name.startswith(".") else escaped(entry.name)] += 1
        elif _leads_to(entry.is_dir):
            _list(entry.path, f"{path}/", (*above, here), found)
        elif _leads_to(entry.is_file):
            found.paths.append(path)
        elif entry.is_symlink():
            found.dead.append(path)


def _leads_to(kind):
    try:
        return kind()
    except OSError:  # links in a circle
        return False


def escaped(name):
    r"""Return a file name as text that any file and any terminal takes; `located` turns it back.

    Bytes that are not UTF-8, and control characters, become ``\xf1``; so does a backslash before what looks like that.
    """
    text = re.sub(rb"[\x00-\x1f\x7f]|\\(?=x[0-9a-f]{2})", lambda found: b"\\x%02x" % ord(found[0]), os.fsencode(name))
    return text.decode("utf-8", "backslashreplace")


def located(root, path):
    """Return where a listed ``path`` lies below ``root``, as a `Path` that can be opened."""
    name = re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes.fromhex(found[1].decode()), path.encode())
    return Path(root, os.fsdecode(name))


def suffix_counts(paths):
    """Return in words how many paths have which suffix, "8 .heic, 3 .txt", the commonest first."""
    counts = Counter(Path(path).suffix.lower() for path in paths)
    ordered = sorted(counts.items(), key=lambda found: (-found[1], found[0]))
    return ", ".join(f"{count:,} {suffix or 'without a suffix'}" for suffix, count in ordered)


def write_json(path, content):
    """Write plain values as JSON; the file appears when it is whole."""
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def read_json(path, keys=None):
    """Return ``{key: value}`` of a JSON file, of all its keys or some.

    Raises `InputError` where it is damaged or lacks a key.
    """
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        return {key: found[key] for key in (found if keys is None else keys)}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a whole JSON file of ours; remove it and run again") from error
