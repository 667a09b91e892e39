"""Read the tables that stages hand on."""

from pathlib import Path

import pandas as pd

from headstart.core.errors import InputError


def read_csv(path, **options):
    """Return a table of ours as a data frame; ``options`` are pandas'.

    Only "" counts as missing. Raises `InputError` if the file's last line has no line end.
    """
    if not Path(path).read_bytes().endswith(b"\n"):
        raise InputError(f"{path}: truncated table, without a newline at its end. Remove it and run again.")
    return pd.read_csv(path, keep_default_na=False, **options)
