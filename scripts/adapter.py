"""What every stage that makes data does with Snakemake's description of its job. No stage of its own."""

import time
from contextlib import contextmanager
from pathlib import Path

from headstart import provenance
from headstart.errors import InputError
from headstart.files import sha256

# What Snakemake compares, and is no setting: in a record the digests of inputs stand, and no times, which may differ.
COMPARED = ("content", "folder", "identities")


@contextmanager
def recorded(job, *, apart=(), seed=None):
    """Yield the identity of what a job makes, and write the record beside it (`provenance`) once it is made.

    ``apart`` names inputs that do not bear on it as a whole, ``seed`` is a member's. Raises `InputError` where the code
    was changed meanwhile: Snakemake would take what it reads at the end for what ran.
    """
    started = time.monotonic()
    scripts, kept = Path(job.scriptdir).resolve(), {job.output.provenance, job.output.get("config")}
    record = provenance.begin(
        rule=job.rule,
        wildcards=dict(job.wildcards.items()),
        params={name: value for name, value in job.params.items() if name not in COMPARED},
        seed=seed,
        inputs=_inputs(job) - {job.input[name] for name in apart},
        code={Path(path).resolve().relative_to(scripts).as_posix(): path for path in job.input.code},
    )
    yield provenance.identity(record)
    changed = [name for name, digest in record["code"].items() if sha256(scripts / name) != digest]
    if changed:
        raise InputError(f"scripts/{changed[0]} was changed while {job.rule} ran, expected none to be; run again")
    provenance.end(record, job.output.provenance, set(job.output) - kept, started)


def _inputs(job):
    """What a job reads but its code; a user's own folder is no input to Snakemake (`images` in inputs.smk)."""
    own = {job.params.own} if job.params.get("own") else set()
    return set(job.input) - set(job.input.code) | own
