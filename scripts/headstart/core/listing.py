"""List the files of an image folder, under names that any file and any terminal accepts."""

import os
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from headstart.core.errors import InputError

SUFFIXES = (  # of image files
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".pjpeg", ".pjp", ".mpo"),
    *(".png", ".apng", ".gif", ".webp", ".avif", ".heic", ".heif", ".hif"),
    *(".bmp", ".dib", ".tif", ".tiff", ".tga", ".jp2", ".j2k", ".pgm", ".ppm", ".pbm", ".pnm"),
)
SYSTEM = {  # names that systems add beside images, in lower case; listings skip names with a leading dot, too
    *("__macosx", "icon\r", "network trash folder", "temporary items"),  # macOS
    *("thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "recycler", "found.000"),  # Windows
    *("system volume information", "lost.dir", "lost+found"),  # Windows, Android, Linux
    *("@eadir", "@tmp", "@sharebin", "@synoresource", "#recycle", "#snapshot", "~snapshot"),  # Synology, NetApp
    *("@recycle", "@recently-snapshot", "@__thumb"),  # QNAP
}


@dataclass
class Listing:
    """Files under a folder: sorted ``paths``, counts ``passed_over`` of hidden and system names, ``dead`` links.

    Paths are relative, with slashes, as `escaped` writes them.
    """

    paths: list = field(default_factory=list)
    passed_over: Counter = field(default_factory=Counter)
    dead: list = field(default_factory=list)

    def note(self):
        """Return in words which names were passed over and which links are dead, or "" if there are none."""
        found = ", ".join(f"{count:,} {name}" for name, count in sorted(self.passed_over.items()))
        dead = f"broken links: {len(self.dead):,}, for example {self.dead[0]}" if self.dead else ""
        return "; ".join(filter(None, [f"skipped hidden and system files: {found}" if found else "", dead]))


def listing(root):
    """Return the `Listing` of a folder.

    It follows links to folders, except a link back to an enclosing folder. Raises `InputError` if a folder cannot be
    read.
    """
    found = Listing()
    _list(os.fspath(root), "", (), found)
    found.paths.sort()
    return found


def listed(root):
    """Return the sorted paths of all files under a folder, without hidden and system files; see `Listing`."""
    return listing(root).paths


def _list(folder, prefix, above, found):
    """Add a folder's content to ``found``; ``above`` has the device and inode of each enclosing folder."""
    try:
        status = Path(folder).stat()
        entries = list(os.scandir(folder))
    except OSError as error:
        raise InputError(
            f"{escaped(folder)}: cannot list the folder ({error.strerror}). Fix its permissions or name another folder."
        ) from error
    here = (status.st_dev, status.st_ino)
    if here in above and status.st_ino:  # a link back; some file systems have no inodes
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
    except OSError:  # the links form a circle
        return False


def escaped(name):
    r"""Return a file name as text that any file and any terminal accepts; `located` turns it back.

    Bytes that are not UTF-8 and control characters become escapes like ``\xf1``. So does a backslash before text that
    looks like the rest of an escape.
    """
    text = re.sub(rb"[\x00-\x1f\x7f]|\\(?=x[0-9a-f]{2})", lambda found: b"\\x%02x" % ord(found[0]), os.fsencode(name))
    return text.decode("utf-8", "backslashreplace")


def located(root, path):
    """Return a listed ``path`` below ``root`` as a `Path` that can be opened."""
    name = re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes.fromhex(found[1].decode()), path.encode())
    return Path(root, os.fsdecode(name))


def suffix_counts(paths):
    """Return how many paths have each suffix, the commonest first: "8 .heic, 3 .txt"."""
    counts = Counter(Path(path).suffix.lower() for path in paths)
    ordered = sorted(counts.items(), key=lambda found: (-found[1], found[0]))
    return ", ".join(f"{count:,} {suffix or 'without a suffix'}" for suffix, count in ordered)
