"""Wrap the work of every stage: a log, a clean terminal, one line for bad input."""

import contextlib
import errno
import os
import sys
import traceback
from pathlib import Path

from headstart.core.errors import InputError

ADVICE = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "Free some space and run again."),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "Fix the permissions and run again."),
}


@contextlib.contextmanager
def stage(log):
    """Send everything that the work prints, from C++ too, to the file ``log``; yield the terminal as a text stream.

    TensorFlow writes to file descriptor 2 from C++, so the descriptors themselves are redirected. An exception ends the
    process with exit code 1. Bad input (`InputError`) prints one line on the terminal and in the log. A refusal by
    the system (`OSError`) prints one line on the terminal, and its traceback in the log. Any other exception is our
    fault and must be seen, so its traceback goes to both.
    """
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # File names may contain characters that no encoding has.
    terminal = os.fdopen(os.dup(2), "w", buffering=1, errors="backslashreplace")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    with open(log, "w") as file:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        yield terminal
    except InputError as error:
        print(f"error: {error}", file=terminal, flush=True)
        with contextlib.suppress(OSError):  # the log may be on a full disk
            print(f"error: {error}", file=sys.stderr, flush=True)
        sys.exit(1)
    except OSError as error:
        print(f"error: {_reason(error, log)} (traceback: {log})", file=terminal, flush=True)
        with contextlib.suppress(OSError):  # as above
            traceback.print_exc(file=sys.stderr)
        sys.exit(1)
    except Exception:
        for stream in (terminal, sys.stderr):
            traceback.print_exc(file=stream)
        sys.exit(1)
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()


def _reason(error, log):
    """Return the system's error in one line, with a remedy where one is known."""
    reason = f"{error.filename or log}: {error.strerror}" if error.errno else str(error) or type(error).__name__
    return ". ".join(filter(None, (" ".join(reason.split()), ADVICE.get(error.errno))))
