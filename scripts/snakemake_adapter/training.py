"""Read what training stages need from Snakemake's description of a job. No stage of its own."""

from contextlib import contextmanager

from headstart.core.seeds import seed_of
from headstart.training import checkpoints
from snakemake_adapter import records


@contextmanager
def recorded(job):
    """Yield the identity of a member, and write its record once it is made; see `records.recorded`.

    Then remove the checkpoint, which only an unfinished training needs.
    """
    with records.recorded(job, seed=_seed(job)) as identity:
        yield identity
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
    wildcards = job.wildcards
    return seed_of(job.params.seed, wildcards.dataset, wildcards.recipe, wildcards.member)
