"""Fetch one file from the first of its sources that has it."""

import json
import os
from pathlib import Path

from headstart.core.files import write_json
from headstart.core.stage import stage
from headstart.download import fetch

BY_HAND = "resources/by-hand"


def main(*, origin, name, target, identity, sources, sha256, md5, terminal):
    """Fetch ``origin/name`` to ``target`` and print where it came from; see `fetch.fetch`.

    A file that is there stays, if it was fetched under the same ``identity`` and is whole. Its time is set to now:
    without the default profile Snakemake fetches files older than this script.
    """
    record = Path(target).with_name(f".{name}.json")
    known = {"identity": identity, "content": fetch.digest_of(target, name)}
    if known["content"] and record.is_file() and json.loads(record.read_text(encoding="utf-8")) == known:
        os.utime(target)
        print(f"{origin}/{name}: already fetched, content SHA-256 {known['content']}")
        return
    source = fetch.fetch(
        origin, name, target, sources=sources, sha256=sha256, md5=md5, by_hand=BY_HAND, terminal=terminal
    )
    known["content"] = fetch.digest_of(target, name)
    write_json(record, known)
    print(f"{origin}/{name}: fetched from {source}, content SHA-256 {known['content']}")


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal:
        # The one stage that reads the config: a source is a way to a file, and no part of the file's identity.
        mirror = [{"mirror": snakemake.config["mirror"]}] if snakemake.config["mirror"] else []
        entry = snakemake.config["downloads"][snakemake.wildcards.origin][snakemake.wildcards.file]
        main(
            origin=snakemake.wildcards.origin,
            name=snakemake.wildcards.file,
            target=snakemake.output[0],
            identity=snakemake.params.identity,
            sources=mirror + entry["sources"],
            sha256=entry["sha256"],
            md5=entry["md5"],
            terminal=terminal,
        )
