"""What the three training stages read from Snakemake's description of a job. No stage of its own."""

from headstart.runtime import seed_of


def member(job):
    """Return the arguments that all training stages share."""
    wildcards = job.wildcards
    names = wildcards.dataset, wildcards.recipe, wildcards.member
    return {
        "rows": {part: path for part, path in job.input.items() if part in ("train", "test")},
        "manifest": job.input.manifest,
        "split": job.input.split,
        "outputs": dict(job.output.items()),
        "classes": job.params.classes,
        "fold": job.params.fold,
        "recipe": job.params.recipe,
        "seed": seed_of(job.params.seed, *names),
        "threads": job.params.threads,
        "title": " ".join(names),
    }
