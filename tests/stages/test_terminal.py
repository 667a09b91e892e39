"""A line for each finished step on the terminal."""

import io
import logging
import subprocess
import sys
from types import SimpleNamespace

import pytest
from small_config import ROOT
from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter
from snakemake.settings.enums import Quietness
from snakemake_adapter import terminal
from snakemake_interface_logger_plugins.common import LogEvent

from headstart.core import durations


@pytest.fixture
def told(request):
    """A logger as a run has it, its clock, and what it has written: ``log(message, event, **values)``."""
    stream, clock = io.StringIO(), SimpleNamespace(now=0.0)
    quiet = getattr(request, "param", set())
    inner = ColorizingTextHandler(
        stream=stream,
        formatter=DefaultFormatter(quiet),
        filter=DefaultFilter(quiet, debug_dag=False, verbose=False, dryrun=False, printshellcmds=False),
    )
    logger = logging.Logger("run")
    logger.addHandler(terminal.Progress(inner, clock=lambda: clock.now))

    def log(message, event=None, level=logging.INFO, **values):
        logger.log(level, message, extra={"event": event, **values} if event else values)

    return log, clock, lambda: stream.getvalue().splitlines()


def step(log, clock, number, seconds, done, total, rule="train", message="mnist: train cnn"):
    """One step of a run, as Snakemake tells of it."""
    log("Select jobs to execute...")
    log("Execute 1 jobs...", LogEvent.JOB_STARTED, jobs=[number])
    log("", LogEvent.JOB_INFO, jobid=number, rule_msg=message, rule_name=rule, reason="")
    clock.now += seconds
    log(f"Finished jobid: {number} (Rule: {rule})", LogEvent.JOB_FINISHED, job_id=number)
    log("", LogEvent.PROGRESS, done=done, total=total)


def test_a_finished_step_is_one_line(told):
    log, clock, lines = told
    step(log, clock, 7, 12.4, 3, 250)
    (line,) = lines()
    assert line.endswith("] mnist: train cnn (12 s); 3 of 250 steps")


def test_what_tells_a_reader_nothing_is_left_out(told):
    log, _, lines = told
    log("DAG of jobs will be updated after completion.")
    log("Updating checkpoint dependencies.")
    log('Provided resources: mem_mb=Resource("mem_mb", 25276)', LogEvent.RESOURCES_INFO)
    log("Provided cores: 2", LogEvent.RESOURCES_INFO)
    log("Updating checkpoint dependencies failed", level=logging.ERROR)
    assert lines() == ["Provided cores: 2", "Updating checkpoint dependencies failed"]


def test_a_step_without_a_message_has_the_name_of_its_rule(told):
    log, clock, lines = told
    step(log, clock, 7, 1, 1, 2, rule="all", message=None)
    assert lines()[0].endswith("] all (1 s); 1 of 2 steps")


def test_what_is_left_takes_as_long_as_its_rule_did(told):
    log, clock, lines = told
    log("Job stats", LogEvent.RUN_INFO, stats={"train": 4, "draw": 10, "total": 14})
    step(log, clock, 1, 100, 1, 14)
    step(log, clock, 2, 2, 2, 14, rule="draw", message="draw")
    assert lines()[-1].endswith("2 of 14 steps, about 5 min left")  # 3 × 100 s and 9 × 2 s
    step(log, clock, 3, 2, 3, 20, rule="draw", message="draw")  # a checkpoint has added six steps, of no known rule
    assert lines()[-1].endswith("3 of 20 steps, about 9 min left")  # 300 s, 8 × 2 s, 6 × 34.7 s


def test_steps_side_by_side_halve_what_is_left(told):
    log, clock, lines = told
    log("Job stats", LogEvent.RUN_INFO, stats={"train": 4, "total": 4})
    for number in (1, 2):
        log("", LogEvent.JOB_INFO, jobid=number, rule_msg="train", rule_name="train", reason="")
    clock.now = 200
    for number in (1, 2):
        log("", LogEvent.JOB_FINISHED, job_id=number)
    log("", LogEvent.PROGRESS, done=2, total=4)
    assert [line.partition("; ")[2] for line in lines()[1:]] == ["2 of 4 steps, about 3 min left"] * 2


@pytest.mark.parametrize(("seconds", "said"), [(99, "99 s"), (100, "2 min"), (5999, "100 min"), (6000, "1.7 h")])
def test_durations_have_one_unit(seconds, said):
    assert durations.said(seconds, terminal.MOST) == said


def test_errors_and_all_other_messages_stay_whole(told):
    log, clock, lines = told
    log("Building DAG of jobs...")
    log("Execute the error: it has two\nlines", level=logging.ERROR)
    assert lines() == ["Building DAG of jobs...", "Execute the error: it has two", "lines"]


@pytest.mark.parametrize("told", [{Quietness.PROGRESS}], indirect=True)
def test_what_is_to_be_quiet_is_quiet(told):
    log, clock, lines = told
    step(log, clock, 1, 1, 1, 2)
    assert lines() == []


def test_attaching_keeps_other_handlers():
    logger, other = logging.Logger("run"), logging.NullHandler()
    logger.addHandler(other)
    logger.addHandler(ColorizingTextHandler(stream=io.StringIO()))
    terminal.attach(logger)
    assert [type(handler) for handler in logger.handlers] == [logging.NullHandler, terminal.Progress]


@pytest.mark.parametrize(("options", "limited"), [([], False), (["--max-jobs-per-timespan", "5/1s"], True)])
def test_no_limit_of_jobs_a_second_starts_passes_of_the_scheduler_unless_asked_for(tmp_path, options, limited):
    included = ROOT / "workflow" / "rules" / "main_process.smk"
    told = "onsuccess:\n    print('limited:', workflow.scheduler.job_rate_limiter is not None)\n"
    (tmp_path / "Snakefile").write_text(f"include: {str(included)!r}\nrule all:\n    run:\n        pass\n{told}")
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *options]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"limited: {limited}" in run.stdout + run.stderr
