# Put the project's code on the path, write one line per finished step on the terminal, and schedule without waste.
import sys
from pathlib import Path

from snakemake.logging import logger

ROOT = Path(workflow.current_basedir).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from snakemake_adapter import interrupts, machine
from snakemake_adapter.terminal import attach

if workflow.is_main_process and not workflow.dryrun:
    attach(logger)

# On one machine, no more jobs run side by side than its memory holds, and a job that asks for more gets all of it.
if workflow.is_main_process and workflow.local_exec and "mem_mb" not in workflow.global_resources:
    workflow.global_resources["mem_mb"] = machine.memory()


onstart:
    if workflow.local_exec:
        interrupts.attach()
        # With its default limit, 100 jobs a second, each pass of Snakemake's scheduler starts another pass a second later,
        # and each finished job one more such chain (docs/performance.md). On one machine the cores limit the jobs.
        limit = workflow.scheduling_settings.max_jobs_per_timespan
        if limit and (limit.max_jobs, limit.timespan) == (100, 1):
            workflow.scheduler.job_rate_limiter = None
