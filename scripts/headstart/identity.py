"""What makes a download, or a folder of a user, what it is."""

import hashlib
import time
from pathlib import Path

from headstart.addresses import shown
from headstart.errors import InputError
from headstart.files import listed, located

MINUTE = 60  # seconds; clocks of file servers differ a little


def identity(entry, mirror, path):
    """Return the identity of a download as plain values.

    ``entry`` is what the config says of it, ``mirror`` a folder, URL or None, ``path`` <dataset>/<file>. Where its
    digest is known, that alone: where it comes from changes nothing then, and moving a mirror runs nothing again. Else
    the sources, with size and time of the files that a person laid by hand or into a mirror folder.
    """
    digests = {key: entry[key] for key in ("sha256", "md5") if entry[key]}
    if digests:
        return digests
    laid = [Path(folder, path) for folder in ("resources/by-hand", mirror) if folder]
    stamps = [[file.stat().st_size, file.stat().st_mtime_ns] for file in laid if file.is_file()]
    sources = [{**source, **({"url": shown(source["url"])} if "url" in source else {})} for source in entry["sources"]]
    return {"mirror": shown(mirror or ""), "sources": sources, "laid": stamps}


def state(folder):
    """Return the SHA-256 over the names, sizes and times (nanoseconds) of the files in a folder."""
    stats = ((name, located(folder, name).stat()) for name in listed(folder))
    return hashlib.sha256(repr([(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]).encode()).hexdigest()


def ahead(paths):
    """Raise `InputError` for the first of some files, where they are there, whose time lies ahead.

    Snakemake ends every job whose output is older than an input.
    """
    for path in paths:
        if path.is_file() and path.stat().st_mtime > time.time() + MINUTE:
            date = time.strftime("%Y-%m-%d %H:%M", time.localtime(path.stat().st_mtime))
            raise InputError(f"{path}: dated {date}, which lies ahead; set its time (touch '{path}') or the clock")
