"""Show on the terminal how far a run is: one line for each finished step."""

import logging
import time
from collections import defaultdict

from headstart.core.durations import said

DROPPED = (  # said again for each pass of the scheduler, for each file, at each checkpoint, or as an object's name
    "Select jobs to execute...",
    "Execute ",
    "Config file ",
    "DAG of jobs will be updated after completion",
    "Updating checkpoint dependencies",
    "Provided resources: ",
)
ENOUGH = 60  # seconds of finished steps before a line estimates the time left
MOST = 100  # of a unit of time in a line


class Progress(logging.Handler):
    """Handler that passes a run's messages on to Snakemake's own handler and writes one line per finished step.

    A line has the step's message, its seconds, the counts of finished and planned steps, and the estimated time left.
    The estimate gives each step the mean seconds of its rule, or of all rules. It assumes as many steps at a time as so
    far.
    """

    def __init__(self, inner, clock=time.monotonic):
        super().__init__()
        self.inner, self.clock = inner, clock
        self.started, self.messages, self.ended = {}, {}, []
        self.planned, self.seconds = {}, defaultdict(list)
        self.begun = clock()

    def emit(self, record):
        """Handle one message of Snakemake's logger (`logging.LogRecord`)."""
        told = {"job_info": self._job, "job_finished": self._finished, "progress": self._progress}
        event = getattr(getattr(record, "event", None), "value", None)
        if event == "run_info":
            self.planned = {rule: count for rule, count in record.stats.items() if rule != "total"}
        if event in told and self.inner.filter(record):
            told[event](record)
        elif event not in told and not (event in (None, "job_started", "resources_info") and self._dropped(record)):
            self.inner.handle(record)

    @staticmethod
    def _dropped(record):
        return record.levelno == logging.INFO and record.getMessage().startswith(DROPPED)

    def _job(self, record):
        self.started[record.jobid] = self.clock()
        self.messages[record.jobid] = (record.rule_name, record.rule_msg or record.rule_name)

    def _finished(self, record):
        rule, message = self.messages.pop(record.job_id, ("", record.getMessage()))
        seconds = self.clock() - self.started.pop(record.job_id, self.clock())
        self.seconds[rule].append(seconds)
        self.ended.append(f"{message} ({said(seconds, MOST)})")

    def _progress(self, record):
        left = self._left(record.total - record.done)
        told = f", about {said(left, MOST)} left" if left is not None else ""
        for text in self.ended:
            line = f"[{time.strftime('%H:%M:%S')}] {text}; {record.done:,} of {record.total:,} steps{told}"
            self.inner.stream.write(self.inner.decorate(record, line) + self.inner.terminator)
        self.ended.clear()
        self.inner.flush()

    def _left(self, steps):
        """Estimate the seconds left for so many steps; return None while too little is known."""
        found = [second for seconds in self.seconds.values() for second in seconds]
        if steps <= 0 or sum(found) < ENOUGH:
            return None
        mean = sum(found) / len(found)
        waiting = {rule: max(0, count - len(self.seconds[rule])) for rule, count in self.planned.items()}
        rest = max(0, steps - sum(waiting.values())) * mean
        for rule, count in waiting.items():
            own = self.seconds[rule]
            rest += count * (sum(own) / len(own) if own else mean)
        return rest / max(1, sum(found) / (self.clock() - self.begun))


def attach(logger):
    """Replace each handler of a logger that writes to the terminal by a `Progress`."""
    for inner in [handler for handler in logger.handlers if hasattr(handler, "decorate")]:
        logger.removeHandler(inner)
        logger.addHandler(Progress(inner))
