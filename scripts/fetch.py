"""Fetch one file from the first of its sources that has it."""

from headstart import download
from headstart.stage import stage

BY_HAND = "resources/by-hand"


def main(*, origin, name, target, sources, sha256, md5, terminal):
    """Bring ``origin/name`` to ``target`` and print where it came from; see `download.fetch`."""
    source = download.fetch(
        origin, name, target, sources=sources, sha256=sha256, md5=md5, by_hand=BY_HAND, terminal=terminal
    )
    print(f"{origin}/{name}: from {source}, content SHA-256 {download.content.digest(target, name)}")


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal:
        # The one stage that reads the config: a source is a way to a file, not a part of what the file is (data.smk).
        mirror = [{"mirror": snakemake.config["mirror"]}] if snakemake.config["mirror"] else []
        entry = snakemake.config["downloads"][snakemake.wildcards.origin][snakemake.wildcards.file]
        main(
            origin=snakemake.wildcards.origin,
            name=snakemake.wildcards.file,
            target=snakemake.output[0],
            sources=mirror + entry["sources"],
            sha256=entry["sha256"],
            md5=entry["md5"],
            terminal=terminal,
        )
