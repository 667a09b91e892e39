"""How far a stage is."""

import io

from headstart.core import progress


class Terminal(io.StringIO):
    """A text stream that says it is a terminal."""

    def isatty(self):
        return True


def test_a_bar_runs_on_a_terminal_with_rate_and_time_left(capsys):
    terminal = Terminal()
    assert list(progress.bar(range(3), terminal=terminal, desc="mnist cnn 1", unit=" epochs")) == [0, 1, 2]
    assert "mnist cnn 1: 100%" in terminal.getvalue() and " epochs/s" in terminal.getvalue()
    assert capsys.readouterr().err == ""


def test_elsewhere_it_stands_in_the_log(capsys):
    for terminal in (io.StringIO(), None):
        with progress.bar(total=1000, terminal=terminal, desc="fetch") as bar:
            for _ in range(1000):
                bar.update(1)
        told = capsys.readouterr().err
        assert "fetch" in told and "1000/1000" in told
        assert told.count("\r") <= 3  # not a line a step
