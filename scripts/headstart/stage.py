"""What every stage does around its work: a log, a clean terminal, one line for bad input."""

import contextlib
import errno
import os
import sys
import traceback
from pathlib import Path

from headstart.errors import InputError

ADVICE = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free space, then run again"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "mend rights, then run again"),
}


@contextlib.contextmanager
def stage(log):
    """Send everything that the work prints, from C++ too, to the file ``log``; yield the terminal as a text stream.

    TensorFlow writes to file descriptor 2 from C++, so the descriptors themselves are redirected. Bad input
    (`InputError`) ends the process with exit code 1 and one line on the terminal and in the log, and so does what the
    system refuses (`OSError`), with the traceback in the log; any other exception leaves its traceback in both, since
    it is a fault of ours and wants to be seen.
    """
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # File names may have what no encoding has.
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
        with contextlib.suppress(OSError):  # the log may stand on a full disk
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
    """Return in one line what the system said, and what to do about it where that is known."""
    reason = f"{error.filename or log}: {error.strerror}" if error.errno else str(error) or type(error).__name__
    return "; ".join(filter(None, (" ".join(reason.split()), ADVICE.get(error.errno))))
