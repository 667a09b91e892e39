"""Run a config twice in fresh folders, on one core and on all, and compare every result to the bit.

Arguments are Snakemake's: ``python tests/support/reproduce.py --configfile config/examples/mirror.yaml --config
mirror=FOLDER``. Exit code 1 where a file differs.
"""

import hashlib
import sys
import tempfile
from pathlib import Path

import pandas as pd
from running import ROOT, snakemake

sys.path.insert(0, str(ROOT / "scripts"))

from headstart.core.files import sha256  # noqa: E402
from headstart.provenance import records  # noqa: E402
from headstart.report import page  # noqa: E402

APART = ("logs", "benchmarks")  # they tell of the run: times, and how far it came


def digests(results):
    """Return ``{path below results: SHA-256}`` of all files but logs, benchmarks and what is hidden.

    Of a record of how something was made, what is about the run (commit, seconds) does not count, nor do seconds in
    the report.
    """
    paths = (path.relative_to(results) for path in sorted(Path(results).rglob("*")) if path.is_file())
    kept = (path for path in paths if path.parts[0] not in APART and not any(part[0] == "." for part in path.parts))
    return {path.as_posix(): _digest(results / path) for path in kept}


def _digest(path):
    if path.name.endswith(records.SUFFIX):
        return hashlib.sha256(records.lasting(path)).hexdigest()
    if path.parts[-2:] == ("report", "index.html"):
        return hashlib.sha256(page.lasting(path)).hexdigest()
    return sha256(path)


def _kind(path):
    """The dataset and the kind of file that a path below results stands for."""
    dataset, *folders = path.split("/")[:-1] or ["all"]
    return dataset, folders[0] if folders else "summary" if dataset == "all" else "tables"


def compare(one, other):
    """Return a data frame with a row a dataset and kind of file, and the first path that differs or None.

    ``one`` and ``other`` are `digests`. Columns: files, and differing, those that differ or are in one alone.
    """
    rows = [(*_kind(path), path, one.get(path) != other.get(path)) for path in sorted({*one, *other})]
    frame = pd.DataFrame(rows, columns=["dataset", "kind", "path", "differing"])
    table = frame.groupby(["dataset", "kind"]).agg(files=("path", "size"), differing=("differing", "sum"))
    return table.reset_index(), next(iter(frame.loc[frame["differing"], "path"]), None)


def run(folder, cores, arguments):
    """Run the workflow in ``folder``; end here, with what it printed, where it fails."""
    print(f"running with --cores {cores} in {folder}", flush=True)
    done = snakemake(folder, "--cores", cores, *arguments)
    if done.returncode:
        sys.exit(f"{done.stdout}\nerror: the run with --cores {cores} failed; mend what it says above, and run again")


def main(arguments):
    """Run twice, print the table, and return the exit code."""
    with tempfile.TemporaryDirectory(prefix="headstart-") as folder:
        found = []
        for name, cores in (("one", "1"), ("all", "all")):
            run(Path(folder, name), cores, arguments)
            found.append(digests(Path(folder, name, "results")))
    table, first = compare(*found)
    print(table.to_string(index=False))
    print(f"{table['differing'].sum()} of {table['files'].sum()} files differ" + (f", first {first}" if first else ""))
    return 1 if first else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
