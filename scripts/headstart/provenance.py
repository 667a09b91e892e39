"""How a file was made: a record beside it, in JSON.

A record has rule, wildcards, params (what the config says), seed, inputs, code and outputs (``{path: SHA-256}``),
versions and cpu. All of that is the same whenever the same is made on the same kind of machine; what is not stands
under run: the git commit (with -dirty where files were changed since), seconds, and graphics cards, if any.
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

from headstart.addresses import shown
from headstart.errors import InputError
from headstart.files import listed, located, sha256, write_json

PACKAGES = (
    "h5py",
    "keras",
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
INSTRUCTIONS = ("amx", "avx", "fma", "sve", "sse4")  # by which libraries choose how to multiply, and so how to round
KEYS = ("rule", "wildcards", "params", "seed", "inputs", "code", "versions", "cpu", "outputs", "run")


TOGETHER = ("model.keras", "history.csv", "predictions.h5", "tried.csv")  # of a member or an ensemble


def path_of(path):
    """Return where the record of a file or folder stands: beside it; the files of a member or an ensemble share one."""
    path = Path(path)
    if path.name in TOGETHER:
        return path.with_name(SUFFIX)
    return path.with_name(f"{path.stem if path.suffix == '.json' else path.name}.{SUFFIX}")


def digest(path):
    """Return the SHA-256 of a file's bytes; of a folder, that over the names and bytes of its files.

    Of a file in a folder that the user must not read, the name alone: not every file there is a picture.
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
    """Return the record of what is about to be made; ``inputs`` lists paths, ``code`` is ``{name: path}``."""
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
    """Return ``{package: version}`` of those that are installed here; TensorFlow may be its build for CPUs."""
    found = {}
    for name in packages:
        for distribution in (name, f"{name}-cpu"):
            try:
                found[name] = metadata.version(distribution)
            except metadata.PackageNotFoundError:
                continue
    return found


def identity(record):
    """Return the SHA-256 of what a record says, 64 hexadecimal digits; on CPUs, of two that are alike the bits are."""
    return hashlib.sha256(json.dumps(_lasting(record), sort_keys=True).encode()).hexdigest()


def end(record, path, outputs, started):
    """Write a record that was begun at ``started`` (`time.monotonic`) to ``path``, with the ``outputs`` it led to."""
    whole = {
        **record,
        "outputs": {name: digest(name) for name in sorted(outputs)},
        "run": {**record["run"], "seconds": round(time.monotonic() - started, 1), "gpus": _gpus()},
    }
    write_json(path, whole)


def read(path):
    """Return the record of a file, None where it has none. Raises `InputError` where that is damaged."""
    place = path_of(path)
    if not place.is_file():
        return None
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
        record = {key: found[key] for key in KEYS}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{place}: not a whole record; remove it and run again") from error
    return record if str(path) in record["outputs"] else None


def lasting(path):
    """Return the part of a record's file that is the same whenever the same is made, as bytes."""
    return json.dumps(_lasting(json.loads(Path(path).read_text(encoding="utf-8")))).encode()


def public(config):
    """Return a config without user names, passwords and queries in its addresses, fit to be kept."""
    if isinstance(config, dict):
        return {key: public(value) for key, value in config.items()}
    if isinstance(config, list):
        return [public(value) for value in config]
    return shown(config) if isinstance(config, str) and not re.search(r"\s", config) else config


def _lasting(record):
    return {key: value for key, value in record.items() if key != "run"}


def _cpu():
    """The processor's name and those of its instructions that change how numbers are rounded."""
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
