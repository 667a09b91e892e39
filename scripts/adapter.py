"""What stages read from Snakemake's description of a job. No stage of its own."""

import time
from contextlib import contextmanager
from pathlib import Path

from headstart import provenance
from headstart.runtime import seed_of


@contextmanager
def recorded(job):
    """Yield the identity of what a job makes, and write the record beside it (`provenance`) once it is made."""
    started = time.monotonic()
    scripts, kept = Path(job.scriptdir).resolve(), {job.output.provenance, job.output.get("config")}
    record = provenance.begin(
        rule=job.rule,
        wildcards=dict(job.wildcards.items()),
        params=dict(job.params.items()),
        seed=_seed(job),
        inputs=set(job.input) - set(job.input.code),
        code={Path(path).resolve().relative_to(scripts).as_posix(): path for path in job.input.code},
    )
    yield provenance.identity(record)
    provenance.end(record, job.output.provenance, set(job.output) - kept, started)


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
