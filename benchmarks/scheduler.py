"""Take the CPU that Snakemake's main process needs for so many jobs, with its limit of started jobs and without.

``python benchmarks/scheduler.py`` runs jobs that only wait, so that what is left is Snakemake's own work.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
SNAKEFILE = """
{include}
rule all:
    input: expand("{{number}}.txt", number=range({jobs}))
rule wait:
    output: "{{number}}.txt"
    shell: "sleep {seconds}; touch {{output}}"
"""
INCLUDE = f"include: {str(ROOT / 'workflow' / 'rules' / 'main_process.smk')!r}"


def run(jobs, seconds, cores, include):
    """Run so many waiting jobs; return the seconds that it took, and those of CPU of the main process alone."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "Snakefile").write_text(SNAKEFILE.format(include=include, jobs=jobs, seconds=seconds))
        start, used = time.perf_counter(), 0
        command = [sys.executable, "-m", "snakemake", "--cores", str(cores)]
        with psutil.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None:
                found = process.cpu_times()
                used = found.user + found.system or used  # of a process that has ended it is 0
                time.sleep(0.05)
        if process.returncode:
            sys.exit(f"error: Snakemake ended with {process.returncode}")
        return time.perf_counter() - start, used


def main():
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description="Take the CPU of Snakemake's main process.")
    parser.add_argument("--jobs", type=int, nargs="+", default=[250, 1000])
    parser.add_argument("--seconds", type=float, default=4, help="how long a job waits")
    parser.add_argument("--cores", type=int, default=10)
    given = parser.parse_args()
    print(f"Jobs of {given.seconds:g} s, {given.cores} at once\n")
    print("| limit | jobs | s | s of CPU | ms of CPU a job | share of a core |\n|---|--:|--:|--:|--:|--:|")
    for name, include in (("100 jobs a second", ""), ("none", INCLUDE)):
        for jobs in given.jobs:
            wall, cpu = run(jobs, given.seconds, given.cores, include)
            print(
                f"| {name} | {jobs:,} | {wall:.0f} | {cpu:.1f} | {1000 * cpu / jobs:.0f} | {cpu / wall:.1%} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
