"""Fetch one file from the first of its sources that has it."""

import json
import os
from pathlib import Path

from headstart import download
from headstart.files import write_json
from headstart.stage import stage

BY_HAND = "resources/by-hand"


def main(*, origin, name, target, identity, sources, sha256, md5, terminal):
    """Bring ``origin/name`` to ``target`` and print where it came from; see `download.fetch`.

    A file that is there stays, if it was fetched under the same ``identity`` and is whole. It gets the time of now:
    without the default profile Snakemake fetches what is older than this script.
    """
    record = Path(target).with_name(f".{name}.json")
    known = {"identity": identity, "content": download.digest_of(target, name)}
    if known["content"] and record.is_file() and json.loads(record.read_text(encoding="utf-8")) == known:
        os.utime(target)
        print(f"{origin}/{name}: here already, content SHA-256 {known['content']}")
        return
    source = download.fetch(
        origin, name, target, sources=sources, sha256=sha256, md5=md5, by_hand=BY_HAND, terminal=terminal
    )
    known["content"] = download.digest_of(target, name)
    write_json(record, known)
    print(f"{origin}/{name}: from {source}, content SHA-256 {known['content']}")


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal:
        # The one stage that reads the config: a source is a way to a file, not a part of what the file is (identity).
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
