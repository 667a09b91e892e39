"""Identify a download or a user's folder, so that Snakemake sees when it changes."""

import hashlib
import time
from pathlib import Path

from headstart.core.addresses import shown
from headstart.core.errors import InputError
from headstart.core.listing import listed, located

MINUTE = 60  # seconds; clocks of file servers differ a little


def identity(entry, mirror, path):
    """Return the identity of a download as plain values.

    ``entry`` is its entry in the config, ``mirror`` a folder, URL or None, ``path`` <dataset>/<file>. A known digest
    is the whole identity: the source then changes nothing, and moving a mirror reruns nothing. Else the identity is the
    mirror and the sources. It then includes size and time of files put in place by hand or in a mirror folder.
    """
    digests = {key: entry[key] for key in ("sha256", "md5") if entry[key]}
    if digests:
        return digests
    laid = [Path(folder, path) for folder in ("resources/by-hand", mirror) if folder]
    stamps = [[file.stat().st_size, file.stat().st_mtime_ns] for file in laid if file.is_file()]
    sources = [{**source, **({"url": shown(source["url"])} if "url" in source else {})} for source in entry["sources"]]
    return {"mirror": shown(mirror or ""), "sources": sources, "laid": stamps}


def state(folder):
    """Return the SHA-256 over the names, sizes and modification times (nanoseconds) of a folder's files."""
    stats = ((name, located(folder, name).stat()) for name in listed(folder))
    return hashlib.sha256(repr([(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]).encode()).hexdigest()


def ahead(paths):
    """Raise `InputError` for the first existing file whose modification time is in the future.

    Snakemake ends every job whose output is older than an input.
    """
    for path in paths:
        if path.is_file() and path.stat().st_mtime > time.time() + MINUTE:
            date = time.strftime("%Y-%m-%d %H:%M", time.localtime(path.stat().st_mtime))
            raise InputError(
                f"{path}: its modification time is in the future (got {date}). Run touch '{path}', or set the clock."
            )
