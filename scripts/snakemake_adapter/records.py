"""Write the record of every stage that makes data, from Snakemake's description of its job. No stage of its own."""

import time
from contextlib import contextmanager
from pathlib import Path

from headstart.core.errors import InputError
from headstart.core.files import sha256
from headstart.provenance import records

# Snakemake compares these params, but they are no settings. A record has digests of inputs, since times may differ.
COMPARED = ("content", "folder", "identities")


@contextmanager
def recorded(job, *, apart=(), seed=None):
    """Yield the identity of a job's result, and write the record (`provenance`) beside the result once it is made.

    ``apart`` names inputs that do not affect the result as a whole; the record leaves them out. ``seed`` is a member's.
    Raises `InputError` if the code changed meanwhile: Snakemake would take the code it reads at the end for the code
    that ran.
    """
    started = time.monotonic()
    scripts, kept = Path(job.scriptdir).resolve(), {job.output.provenance, job.output.get("config")}
    record = records.begin(
        rule=job.rule,
        wildcards=dict(job.wildcards.items()),
        params={name: value for name, value in job.params.items() if name not in COMPARED},
        seed=seed,
        inputs=_inputs(job) - {job.input[name] for name in apart},
        code={Path(path).resolve().relative_to(scripts).as_posix(): path for path in job.input.code},
    )
    yield records.identity(record)
    changed = [name for name, digest in record["code"].items() if sha256(scripts / name) != digest]
    if changed:
        raise InputError(
            f"scripts/{changed[0]}: changed while rule {job.rule} was running, so the record would name the wrong "
            f"code. Run again."
        )
    records.end(record, job.output.provenance, set(job.output) - kept, started)


def _inputs(job):
    """Return the paths that a job reads, except its code.

    They include a user's own folder, which is not an input to Snakemake (`images` in inputs.smk).
    """
    own = {job.params.own} if job.params.get("own") else set()
    return set(job.input) - set(job.input.code) | own
