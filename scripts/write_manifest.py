"""Inspect every image of a dataset and write its manifest."""

from pathlib import Path

import pandas as pd
from snakemake_adapter.records import recorded

from headstart.config import image_folders
from headstart.core.files import atomic
from headstart.core.listing import listing, suffix_counts
from headstart.core.naming import reasons
from headstart.core.seeds import seed_of
from headstart.core.stage import stage
from headstart.data import duplicates, label_tables, layouts, manifests


def main(
    *, root, target, dataset, classes, idx, patterns, table, rules, limit, unreadable, exclude, seed, threads, terminal
):
    """Write the manifest of the images under ``root`` to ``target``.

    ``idx`` or ``patterns`` is ``{part: …}`` as in the config. ``table`` names a CSV and its columns, or is None.
    ``rules`` says how to treat pictures that nothing names (see `_listed`). ``limit`` is ``{part: at most so many
    images}``, a sample drawn by ``seed``. ``unreadable`` is the share of images that may be left out because they
    cannot be read. ``exclude`` lists ids of images that the config leaves out.
    """
    rows, why, notes = (
        _listed_idx(root, idx, classes) if idx else _listed(root, dataset, classes, patterns, table, rules)
    )
    chosen = [
        manifests.sample(found, limit[part], seed_of(seed, dataset, "limit", part))
        for part, found in rows.groupby("part", sort=False)
    ]
    manifest = manifests.inspect(pd.concat(chosen, ignore_index=True), root, threads)
    manifest = duplicates.exclude(manifest, exclude, rows["id"], dataset)
    usable = manifest["status"] == "ok"
    print(manifest[usable].groupby(["part", "label"]).size().to_string())
    print(f"{(~usable).sum()} of {len(manifest)} images are left out")
    print(manifest.loc[~usable, ["path", "status"]].to_string())
    for path, reason in why.items():
        print(f"not used: {path}: {reason}")
    notes = list(filter(None, [*duplicates.notes(manifest), manifests.dark(manifest, root), *notes]))
    manifest = pd.concat([manifest, manifests.unused(why)], ignore_index=True)
    manifests.validate(manifest, classes, dataset, unreadable)
    duplicates.validate(manifest, dataset)
    for note in notes:
        print(f"note: {dataset}: {note}", file=terminal)
    with atomic(target) as temporary:
        manifest.to_csv(temporary, index=False, lineterminator="\n")


def _listed_idx(root, idx, classes):
    """Return the rows of IDX files, without other files or notes."""
    parts = [manifests.list_idx(root, *idx[part], part, classes) for part in image_folders.PARTS if idx.get(part)]
    return pd.concat(parts, ignore_index=True), {}, []


def _listed(root, dataset, classes, patterns, table, rules):
    """Return the rows of image files, joined with the table; ``{path: why}`` of files that are not used; notes.

    ``rules`` is ``{key: value}`` of the config's validation_folders, other_classes, unlabelled and missing.
    """
    found = listing(root)
    paths = [path for path in found.paths if not table or path != Path(table["file"]).as_posix()]
    shared = {"dataset": dataset, "other": rules["other_classes"]}
    rows, why = layouts.find(root, paths, patterns, classes, validation=rules["validation_folders"], **shared)
    notes = [found.note()]
    if table:
        train = rows["part"] == "train"
        others = [*rows.loc[~train, "path"], *why]
        shared |= {"root": root, "classes": classes, "missing": rules["missing"], "unlabelled": rules["unlabelled"]}
        joined, left, told = label_tables.join(rows[train], Path(root, table["file"]), table, others=others, **shared)
        rows, why, notes = pd.concat([joined, rows[~train]], ignore_index=True), why | left, notes + told
    return rows, why, [note for note in [*notes, _parts(rows, patterns), _unused(why)] if note]


def _parts(rows, patterns):
    """Return in words how many pictures of each part the folders give, "" where folders say no part."""
    by_folder = patterns.get("test") in (image_folders.BY_CLASS, image_folders.ALL)
    test = (rows["part"] == "test").sum()
    return f"the folders' names put {len(rows) - test:,} pictures in train and {test:,} in test" if by_folder else ""


def _unused(why):
    """Return in words which files are not used, "" where all are."""
    said = f"{suffix_counts(why)} ({reasons(why.values())})"
    return f"unused files: {said}. The log lists them." if why else ""


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal, recorded(snakemake):
        main(
            root=snakemake.params.own or snakemake.input.images,
            target=snakemake.output[0],
            dataset=snakemake.wildcards.dataset,
            threads=snakemake.threads,
            terminal=terminal,
            **{
                key: snakemake.params[key]
                for key in ("classes", "idx", "patterns", "table", "rules", "limit", "unreadable", "exclude", "seed")
            },
        )
