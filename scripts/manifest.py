"""Look at every image of a dataset and write its manifest."""

from pathlib import Path

import pandas as pd
from adapter import recorded

from headstart import copies, layouts, manifests, tables
from headstart.files import atomic, listing, suffix_counts
from headstart.labels import reasons
from headstart.seeds import seed_of
from headstart.stage import stage


def main(
    *, root, target, dataset, classes, idx, patterns, table, rules, limit, unreadable, exclude, seed, threads, terminal
):
    """Write the manifest of the images under ``root`` to ``target``.

    ``idx`` or ``patterns`` is ``{part: …}`` as in the config; ``table`` names a CSV and its columns, or is None;
    ``rules`` says what becomes of pictures that nothing names (see `_listed`); ``limit`` is ``{part: at most so many
    images}``, a sample drawn by ``seed``; ``unreadable`` is the share of images that may be left out because they
    cannot be read; ``exclude`` lists ids of images that the config leaves out.
    """
    rows, why, notes = (
        _listed_idx(root, idx, classes) if idx else _listed(root, dataset, classes, patterns, table, rules)
    )
    chosen = [
        manifests.sample(found, limit[part], seed_of(seed, dataset, "limit", part))
        for part, found in rows.groupby("part", sort=False)
    ]
    manifest = manifests.inspect(pd.concat(chosen, ignore_index=True), root, threads)
    manifest = copies.exclude(manifest, exclude, rows["id"], dataset)
    usable = manifest["status"] == "ok"
    print(manifest[usable].groupby(["part", "label"]).size().to_string())
    print(f"{(~usable).sum()} of {len(manifest)} images left out")
    print(manifest.loc[~usable, ["path", "status"]].to_string())
    for path, reason in why.items():
        print(f"not used: {path}: {reason}")
    notes = list(filter(None, [*copies.notes(manifest), manifests.dark(manifest, root), *notes]))
    manifest = pd.concat([manifest, manifests.unused(why)], ignore_index=True)
    manifests.validate(manifest, classes, dataset, unreadable)
    copies.validate(manifest, dataset)
    for note in notes:
        print(f"note: {dataset}: {note}", file=terminal)
    with atomic(target) as temporary:
        manifest.to_csv(temporary, index=False, lineterminator="\n")


def _listed_idx(root, idx, classes):
    """The rows of IDX files; of other files there is nothing to say."""
    parts = [manifests.list_idx(root, *idx[part], part, classes) for part in layouts.PARTS if idx.get(part)]
    return pd.concat(parts, ignore_index=True), {}, []


def _listed(root, dataset, classes, patterns, table, rules):
    """The rows of image files, joined with the table; ``{path: why}`` of files that are not used; notes.

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
        joined, left, told = tables.join(rows[train], Path(root, table["file"]), table, others=others, **shared)
        rows, why, notes = pd.concat([joined, rows[~train]], ignore_index=True), why | left, notes + told
    return rows, why, [note for note in [*notes, _parts(rows, patterns), _unused(why)] if note]


def _parts(rows, patterns):
    """In words, what folders say of the parts, where they say anything."""
    by_folder = patterns.get("test") in (layouts.BY_CLASS, layouts.ALL)
    test = (rows["part"] == "test").sum()
    return f"pictures by their folders: {len(rows) - test:,} train, {test:,} test" if by_folder else ""


def _unused(why):
    """In words, which files are not used."""
    said = f"{suffix_counts(why)} ({reasons(why.values())})"
    return f"files that are not used: {said}; the log lists them" if why else ""


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
