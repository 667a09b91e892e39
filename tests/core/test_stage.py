"""What every stage does around its work, each in a process of its own."""

import os
import subprocess
import sys

import pytest
from running import ROOT

START = "import os, sys\nfrom headstart.core.errors import InputError\nfrom headstart.core.stage import stage\n"


def run(folder, work):
    """Run ``work`` in a stage that logs to logs/log; return exit code, terminal (both streams) and log."""
    lines = "".join(f"    {line}\n" for line in work.splitlines())
    code = f"{START}with stage('logs/log') as terminal:\n{lines}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout, (folder / "logs" / "log").read_text()


def test_what_the_work_prints_goes_to_the_log_and_not_to_the_terminal(tmp_path):
    work = "print('one')\nprint('two', file=sys.stderr)\nos.write(1, b'three\\n')\nos.write(2, b'four\\n')"
    code, terminal, log = run(tmp_path, work)
    assert (code, terminal) == (0, "")
    assert sorted(log.split()) == ["four", "one", "three", "two"]


def test_output_of_programs_that_the_work_starts_goes_to_the_log(tmp_path):
    assert run(tmp_path, "os.system('echo from a program; echo and its errors >&2')") == (
        0,
        "",
        "from a program\nand its errors\n",
    )


def test_the_terminal_can_be_written_to(tmp_path):
    assert run(tmp_path, "print('progress', file=terminal)") == (0, "progress\n", "")


def test_bad_input_is_one_line_on_the_terminal_and_in_the_log(tmp_path):
    assert run(tmp_path, "raise InputError('a.zip: wrong')") == (1, "error: a.zip: wrong\n", "error: a.zip: wrong\n")


def test_bad_input_comes_after_what_was_printed(tmp_path):
    code, terminal, log = run(tmp_path, "print('first')\nraise InputError('wrong')")
    assert (code, terminal, log) == (1, "error: wrong\n", "first\nerror: wrong\n")


def test_any_other_exception_leaves_its_traceback_in_both(tmp_path):
    code, terminal, log = run(tmp_path, "{}['key']")
    assert code == 1
    for text in (terminal, log):
        assert text.count("Traceback (most recent call last)") == 1
        assert text.endswith("KeyError: 'key'\n")


@pytest.mark.parametrize(
    ("work", "said"),
    [
        ("open('nowhere/file', 'w')", "nowhere/file: No such file or directory"),
        (
            "raise OSError(28, 'No space left on device', 'a.h5')",
            "a.h5: No space left on device. Free some space and run again.",
        ),
        (
            "raise OSError(122, 'Disk quota exceeded', 'a.h5')",
            "a.h5: Disk quota exceeded. Free some space and run again.",
        ),
        (
            "raise OSError(13, 'Permission denied', 'a.h5')",
            "a.h5: Permission denied. Fix the permissions and run again.",
        ),
        (
            "raise OSError(30, 'Read-only file system', 'a')",
            "a: Read-only file system. Fix the permissions and run again.",
        ),
        ("raise OSError(111, 'Connection refused')", "logs/log: Connection refused"),
        ("raise OSError(5, 'Input/output error,\\n as HDF5 says', 'a.h5')", "a.h5: Input/output error, as HDF5 says"),
        ("raise OSError('cannot write mode P')", "cannot write mode P"),
        ("raise TimeoutError", "TimeoutError"),
    ],
)
def test_what_the_system_refuses_is_one_line_with_advice_where_it_helps_and_its_traceback_is_in_the_log(
    tmp_path, work, said
):
    code, terminal, log = run(tmp_path, work)
    assert code == 1
    assert terminal == f"error: {said} (traceback: logs/log)\n"
    assert log.count("Traceback (most recent call last)") == 1


def test_a_log_on_a_full_disk_does_not_hide_the_line():
    for work in ("print('much', flush=True)", "raise OSError(28, 'No space left on device', 'a.h5')"):
        code = f"{START}with stage('/dev/full') as terminal:\n    {work}\n"
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
        assert done.returncode == 1
        place = "/dev/full" if "much" in work else "a.h5"
        assert done.stderr.startswith(f"error: {place}: No space left on device. Free some space and run again.")
        assert done.stderr.count("\n") == 1
