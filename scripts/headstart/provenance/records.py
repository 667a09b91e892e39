"""Record how a file was made, in JSON beside it.

A record has rule, wildcards, params (the config's settings), seed, inputs, code, outputs, versions and cpu. Inputs,
code and outputs are ``{path: SHA-256}``. The same work on the same kind of machine gives the same values. The key run
has the rest: the git commit, seconds and GPUs, if any. The commit ends in -dirty if files have changed since.
"""

import hashlib
import json
import platform
import re
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

from headstart.core.addresses import shown
from headstart.core.errors import InputError
from headstart.core.files import sha256, write_json
from headstart.core.listing import listed, located

PACKAGES = (
    "h5py",
    "keras",
    "ncnn",
    "numpy",
    "pandas",
    "pillow",
    "pi-heif",
    "scikit-learn",
    "scipy",
    "snakemake",
    "tensorflow",
)
SUFFIX = "provenance.json"
INSTRUCTIONS = ("amx", "avx", "fma", "sve", "sse4")  # libraries choose by them how to multiply, and so how to round
KEYS = ("rule", "wildcards", "params", "seed", "inputs", "code", "versions", "cpu", "outputs", "run")


TOGETHER = ("model.keras", "history.csv", "predictions.h5", "tried.csv")  # files of a member or an ensemble


def path_of(path):
    """Return the path of the record beside a file or folder; files of a member or an ensemble share one."""
    path = Path(path)
    if path.name in TOGETHER:
        return path.with_name(SUFFIX)
    return path.with_name(f"{path.stem if path.suffix == '.json' else path.name}.{SUFFIX}")


def digest(path):
    """Return the SHA-256 of a file's bytes, or of the names and digests of a folder's files.

    An unreadable file in a folder counts by its name alone: not every file there is an image.
    """
    if not Path(path).is_dir():
        return sha256(path)
    found = [(name, _readable(located(path, name))) for name in listed(path)]
    return hashlib.sha256(repr(found).encode()).hexdigest()


def _readable(path):
    try:
        return sha256(path)
    except PermissionError:
        return ""


def begin(*, rule, wildcards, params, seed, inputs, code):
    """Return the record of a job that begins; ``inputs`` lists paths, ``code`` is ``{name: path}``."""
    return {
        "rule": rule,
        "wildcards": wildcards,
        "params": params,
        "seed": seed,
        "inputs": {path: digest(path) for path in sorted(inputs)},
        "code": {name: sha256(code[name]) for name in sorted(code)},
        "versions": {"python": platform.python_version(), **versions(PACKAGES)},
        "cpu": _cpu(),
        "run": {"commit": _commit()},  # now: the code may have changed by the end
    }


def versions(packages):
    """Return ``{package: version}`` of the installed ``packages``; TensorFlow may be its build for CPUs."""
    found = {}
    for name in packages:
        for distribution in (name, f"{name}-cpu"):
            try:
                found[name] = metadata.version(distribution)
            except metadata.PackageNotFoundError:
                continue
    return found


def identity(record):
    """Return the SHA-256 of a record without its key run, as 64 hexadecimal digits.

    On CPUs, jobs with the same identity produce the same bits.
    """
    return hashlib.sha256(json.dumps(_lasting(record), sort_keys=True).encode()).hexdigest()


def end(record, path, outputs, started):
    """Add ``outputs`` and run time to a record and write it to ``path``; ``started`` is from `time.monotonic`."""
    whole = {
        **record,
        "outputs": {name: digest(name) for name in sorted(outputs)},
        "run": {**record["run"], "seconds": round(time.monotonic() - started, 1), "gpus": _gpus()},
    }
    write_json(path, whole)


def read(path):
    """Return the record of a file, or None if it has none. Raises `InputError` if the record is damaged."""
    place = path_of(path)
    if not place.is_file():
        return None
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
        record = {key: found[key] for key in KEYS}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{place}: not a valid provenance record. Remove it and run again.") from error
    return record if str(path) in record["outputs"] else None


def lasting(path):
    """Return a record file without its key run, as bytes; the same work gives the same bytes."""
    return json.dumps(_lasting(json.loads(Path(path).read_text(encoding="utf-8")))).encode()


def public(config):
    """Return a config without user names, passwords and queries in its addresses, fit to be stored."""
    if isinstance(config, dict):
        return {key: public(value) for key, value in config.items()}
    if isinstance(config, list):
        return [public(value) for value in config]
    return shown(config) if isinstance(config, str) and not re.search(r"\s", config) else config


def _lasting(record):
    return {key: value for key, value in record.items() if key != "run"}


def _cpu():
    """Return the processor's name and its instructions that change how numbers are rounded."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return {"model": platform.processor() or platform.machine(), "instructions": []}
    said = {key.strip(): value.strip() for key, mark, value in (line.partition(":") for line in lines) if mark}
    flags = said.get("flags", said.get("Features", "")).split()
    return {
        "model": said.get("model name", platform.machine()),
        "instructions": sorted(flag for flag in flags if flag.startswith(INSTRUCTIONS)),
    }


def _gpus():
    if "tensorflow" not in sys.modules:
        return []
    config = sys.modules["tensorflow"].config
    found = config.list_physical_devices("GPU")
    return [config.experimental.get_device_details(gpu).get("device_name", gpu.name) for gpu in found]


def _commit():
    command = ["git", "-C", Path(__file__).parent, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):  # no git, or no clone of it
        return None
