"""Look at every image of a dataset and write its manifest."""

from pathlib import Path

import pandas as pd
from adapter import recorded

from headstart import manifests
from headstart.files import atomic
from headstart.runtime import seed_of
from headstart.stage import stage


def main(*, root, target, dataset, classes, idx, patterns, table, limit, unreadable, seed, threads, terminal):
    """Write the manifest of the images under ``root`` to ``target``.

    ``idx`` or ``patterns`` is ``{part: …}`` as in the config; ``table`` names a CSV and its columns, or is None;
    ``limit`` is ``{part: at most so many images}``, a sample drawn by ``seed``; ``unreadable`` is the share of images
    that may be left out because they cannot be read.
    """
    listed, chosen = [], []
    for part in ("train", "test"):
        if idx and idx.get(part):
            rows = manifests.list_idx(root, *idx[part], part, classes)
        elif patterns and patterns.get(part):
            rows = manifests.list_files(root, patterns[part], part, classes)
        else:
            continue
        if part == "train" and table:
            columns = {key: table[key] for key in ("id", "label", "group")}
            rows = manifests.join_table(rows, Path(root, table["file"]), **columns)
        listed.append(rows)
        chosen.append(manifests.sample(rows, limit[part], seed_of(seed, dataset, "limit", part)))
    manifest = manifests.inspect(pd.concat(chosen, ignore_index=True), root, threads)
    usable = manifest["status"] == "ok"
    print(manifest[usable].groupby(["part", "label"]).size().to_string())
    print(f"{(~usable).sum()} of {len(manifest)} images left out")
    print(manifest.loc[~usable, ["path", "status"]].to_string())
    manifests.validate(manifest, classes, dataset, unreadable)
    left = manifests.unlisted(root, pd.concat(listed)) if patterns else []
    if left:
        print(f"note: {dataset}: {len(left)} image files fit no pattern, {left[0]} for one", file=terminal)
    with atomic(target) as temporary:
        manifest.to_csv(temporary, index=False, lineterminator="\n")


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal, recorded(snakemake):
        main(
            root=snakemake.input.images,
            target=snakemake.output[0],
            dataset=snakemake.wildcards.dataset,
            threads=snakemake.threads,
            terminal=terminal,
            **{
                key: snakemake.params[key]
                for key in ("classes", "idx", "patterns", "table", "limit", "unreadable", "seed")
            },
        )
