"""End running stages when Snakemake's own process alone is interrupted or terminated."""

import signal

import psutil

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def attach():
    """Make SIGINT and SIGTERM terminate all child processes, and then do what they did before.

    Snakemake by itself waits until its running jobs end. Ctrl-C in a terminal reaches them too, but not a signal to
    Snakemake alone. A signal that is ignored stays so. Call this in the main thread.
    """
    for number in SIGNALS:
        former = signal.getsignal(number)
        if former is not signal.SIG_IGN:
            signal.signal(number, _terminating(former))


def _terminating(former):
    def handle(number, frame):
        for child in psutil.Process().children(recursive=True):
            try:
                child.terminate()
            except psutil.NoSuchProcess:
                continue
        if callable(former):
            former(number, frame)
        else:
            raise SystemExit(128 + number)

    return handle
