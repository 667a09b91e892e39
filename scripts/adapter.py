"""What stages read from Snakemake's description of a job. No stage of its own."""

import time
from contextlib import contextmanager
from pathlib import Path

from headstart import checkpoints, provenance
from headstart.errors import InputError
from headstart.files import sha256
from headstart.runtime import seed_of


@contextmanager
def recorded(job):
    """Yield the identity of what a job makes, and write the record beside it (`provenance`) once it is made.

    Then the state that a member's training would go on from is no longer needed. Raises `InputError` where the code was
    changed meanwhile: Snakemake would take what it reads at the end for what ran.
    """
    started = time.monotonic()
    scripts, kept = Path(job.scriptdir).resolve(), {job.output.provenance, job.output.get("config")}
    record = provenance.begin(
        rule=job.rule,
        wildcards=dict(job.wildcards.items()),
        params={name: value for name, value in job.params.items() if name != "content"},
        seed=_seed(job),
        inputs=set(job.input) - set(job.input.code),
        code={Path(path).resolve().relative_to(scripts).as_posix(): path for path in job.input.code},
    )
    yield provenance.identity(record)
    changed = [name for name, digest in record["code"].items() if sha256(scripts / name) != digest]
    if changed:
        raise InputError(f"scripts/{changed[0]} was changed while {job.rule} ran, expected none to be; run again")
    provenance.end(record, job.output.provenance, set(job.output) - kept, started)
    if "model" in job.output.keys():  # noqa: SIM118, its values are what "in" looks at
        checkpoints.beside(job.output.model).unlink(missing_ok=True)


def member(job):
    """Return the arguments that all training stages share."""
    wildcards = job.wildcards
    return {
        "rows": {part: path for part, path in job.input.items() if part in ("train", "test")},
        "manifest": job.input.manifest,
        "split": job.input.split,
        "outputs": {name: job.output[name] for name in ("model", "history", "predictions")},
        "classes": job.params.classes,
        "fold": job.params.fold,
        "recipe": job.params.recipe,
        "seed": _seed(job),
        "threads": job.params.threads,
        "title": f"{wildcards.dataset} {wildcards.recipe} {wildcards.member}",
    }


def _seed(job):
    """The seed of a member; None where the job is about no member."""
    wildcards = job.wildcards
    if wildcards.get("member") is None:
        return None
    return seed_of(job.params.seed, wildcards.dataset, wildcards.recipe, wildcards.member)
