"""Package registries and Kaggle, each through its client: the real pip and npm, and a stand-in for Kaggle's."""

import base64
import hashlib
import io
import json
import sys
import tarfile
import zipfile

import pytest
from local_server import Answer, serve

from headstart.download import registries

HELP = """Authentication required to call the Kaggle API.

First, you will need a Kaggle account. You can sign up at
  https://www.kaggle.com/account/login
"""
RULES = "You must accept this competition's rules before you'll be able to download files."
TRACEBACK = """Traceback (most recent call last):
    raise HTTPError(http_error_msg, response=self)
requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://x
"""


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """A folder with a wheel, digits 1.0, in which the real pip looks instead of its index."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    with zipfile.ZipFile(folder / "digits-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("digits/data.bin", b"data")
        wheel.writestr("digits-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: digits\nVersion: 1.0\n")
        wheel.writestr("digits-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("digits-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def target(tmp_path):
    """An empty folder for a client to download to."""
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


@pytest.fixture
def npm_registry(tmp_path, monkeypatch):
    """A local npm registry with one package, digits 1.0.0, for the real npm."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in (("package.json", b'{"name": "digits", "version": "1.0.0"}'), ("data/digits", b"data")):
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    tarball = buffer.getvalue()
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode()

    def answer(number, path, asked):
        if path == "/digits.tgz":
            return Answer(tarball)
        if path != "/digits":
            return Answer(b"{}", 404)
        dist = {"tarball": f"{server.url}/digits.tgz", "integrity": integrity}
        version = {"name": "digits", "version": "1.0.0", "dist": dist}
        about = {"name": "digits", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}}
        return Answer(json.dumps(about).encode(), headers={"Content-Type": "application/json"})

    with serve(answer) as server:
        monkeypatch.setenv("npm_config_registry", server.url)
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
        monkeypatch.setenv("npm_config_fetch_retries", "0")
        monkeypatch.setenv("npm_config_update_notifier", "false")
        yield server


@pytest.fixture
def client(tmp_path, monkeypatch):
    """A function that puts a Python script in the place of any client; it gets the client's arguments."""

    def put(code):
        script = tmp_path / "client"
        script.write_text(f"#!{sys.executable}\nimport sys, zipfile\nfrom pathlib import Path\n{code}\n")
        script.chmod(0o755)
        monkeypatch.setattr(registries, "_client", lambda name: str(script))

    return put


def sends(file, content):
    """Code of a client that writes one file into the folder after --path."""
    return f"Path(sys.argv[sys.argv.index('--path') + 1], {file!r}).write_bytes({content!r})"


def zipped(name, content):
    """The bytes of a zip with one member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def test_pip_brings_a_member_of_a_wheel(wheels, target):
    assert registries.pip("digits==1.0", "digits/data.bin", target).read_bytes() == b"data"


def test_a_wheel_without_the_member_is_a_reason(wheels, target):
    with pytest.raises(registries.RegistryError, match="the wheel holds no digits/other.bin"):
        registries.pip("digits==1.0", "digits/other.bin", target)


def test_a_full_disk_is_no_fault_of_a_wheel(wheels, target, monkeypatch):
    def extract(self, *_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "extract", extract)
    with pytest.raises(OSError, match="No space left on device"):
        registries.pip("digits==1.0", "digits/data.bin", target)


def test_a_wheel_that_pip_cannot_find_is_a_reason_in_one_line(wheels, target):
    with pytest.raises(registries.RegistryError, match=r"ERROR: .*digits==2\.0") as caught:
        registries.pip("digits==2.0", "digits/data.bin", target)
    assert "\n" not in str(caught.value)


def test_a_source_distribution_runs_no_code(wheels, target, tmp_path):
    """Its setup.py would leave a file behind; pip is not to build it, whatever the environment prefers."""
    setup = f"open({str(tmp_path / 'ran')!r}, 'w').close()\nimport setuptools\nsetuptools.setup(name='letters')\n"
    with tarfile.open(wheels / "letters-1.0.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("letters-1.0/setup.py")
        member.size = len(setup)
        archive.addfile(member, io.BytesIO(setup.encode()))
    with pytest.raises(registries.RegistryError, match=r"ERROR: .*letters==1\.0"):
        registries.pip("letters==1.0", "letters/data.bin", target)
    assert not (tmp_path / "ran").exists()


def test_npm_brings_a_member_of_a_package(npm_registry, target):
    assert registries.npm("digits@1.0.0", "package/data/digits", target).read_bytes() == b"data"


def test_scripts_of_a_package_do_not_run(client, target):
    client("sys.exit('--ignore-scripts' not in sys.argv)\n")
    with pytest.raises(registries.RegistryError, match="left 0 files"):
        registries.npm("digits@1.0.0", "package/data/digits", target)


def test_a_package_without_the_member_is_a_reason(npm_registry, target):
    with pytest.raises(registries.RegistryError, match="the package holds no file package/data/letters"):
        registries.npm("digits@1.0.0", "package/data/letters", target)


def test_a_package_that_npm_cannot_find_is_a_reason_that_says_so(npm_registry, target):
    with pytest.raises(registries.RegistryError, match="npm failed: .*(404|E404)"):
        registries.npm("letters@1.0.0", "package/data/letters", target)


def test_a_package_that_is_no_archive_is_a_reason(client, target):
    client("Path(sys.argv[sys.argv.index('--pack-destination') + 1], 'a.tgz').write_bytes(b'<html>')")
    with pytest.raises(registries.RegistryError):
        registries.npm("digits@1.0.0", "package/data/digits", target)


def test_a_client_that_leaves_nothing_is_a_reason(client, target):
    client("")
    with pytest.raises(registries.RegistryError, match="left 0 files"):
        registries.npm("digits@1.0.0", "package/data/digits", target)


def test_a_client_that_is_not_installed_is_a_reason():
    with pytest.raises(registries.RegistryError, match="^no-such-client is not installed$"):
        registries._client("no-such-client")


def test_a_client_is_looked_for_in_this_environment_first(tmp_path, monkeypatch):
    for folder in ("environment", "elsewhere"):
        client = tmp_path / folder / "client"
        client.parent.mkdir()
        client.write_text("#!/bin/sh\n")
        client.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "environment" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path / "elsewhere"))
    assert registries._client("client") == str(tmp_path / "environment" / "client")
    (tmp_path / "environment" / "client").unlink()
    assert registries._client("client") == str(tmp_path / "elsewhere" / "client")


def test_kaggle_brings_one_file(client, target):
    client("assert sys.argv[-3:] == ['pets', '--file', 'train.csv'], sys.argv\n" + sends("train.csv", b"a,b\n"))
    assert registries.kaggle("pets", "train.csv", target).read_bytes() == b"a,b\n"


def test_a_single_file_that_kaggle_zips_is_unzipped(client, target):
    client(sends("train.csv.zip", zipped("train.csv", b"a,b\n")))
    assert registries.kaggle("pets", "train.csv", target).read_bytes() == b"a,b\n"


def test_kaggle_brings_a_whole_competition(client, target):
    client("assert sys.argv[-1] == 'pets', sys.argv\n" + sends("pets.zip", b"all"))
    assert registries.kaggle("pets", None, target).read_bytes() == b"all"


def test_a_zip_from_kaggle_that_is_none_is_a_reason(client, target):
    client(sends("train.csv.zip", b"<html>"))
    with pytest.raises(registries.RegistryError):
        registries.kaggle("pets", "train.csv", target)


def test_kaggle_that_sends_nothing_is_a_reason(client, target):
    client("")
    with pytest.raises(registries.RegistryError, match="Kaggle sent no train.csv"):
        registries.kaggle("pets", "train.csv", target)


def test_kaggles_own_bar_runs_on_the_terminal_and_nowhere_else(client, target):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    client("print('50%')\n" + sends("train.csv", b"a,b\n"))
    terminal, log = Terminal(), io.StringIO()
    registries.kaggle("pets", "train.csv", target, terminal)
    registries.kaggle("pets", "train.csv", target, log)
    assert "50%" in terminal.getvalue()
    assert log.getvalue() == ""


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (HELP, ["no Kaggle credentials", "sign up", "/c/pets/rules", "~/.kaggle/access_token"]),
        ("OSError: Could not find kaggle.json.", ["no Kaggle credentials", "sign up", "/c/pets/rules"]),
        ("401 Client Error: Unauthorized for url: https://x", ["401 Unauthorized", "~/.kaggle/access_token"]),
        ("403 Client Error: Forbidden for url: https://x", ["403 Forbidden", "accept the rules", "/c/pets/rules"]),
        (RULES, ["403 Forbidden", "accept the rules", "/c/pets/rules"]),
        (TRACEBACK, ["401 Unauthorized", "~/.kaggle/access_token"]),
        ("500 Server Error for url: https://x?Signature=secret", ["failed: 500 Server Error for url: https://x"]),
        ("Traceback\nConnectionError: no route", ["failed: ConnectionError: no route"]),
        ("", ["no reason given"]),
    ],
    ids=["no credentials", "no kaggle.json", "401", "403", "rules", "traceback", "signed", "other", "silent"],
)
def test_what_kaggle_refuses_is_told_with_the_steps_to_take(client, target, answer, said):
    client(f"sys.exit(print({answer!r}, file=sys.stderr) or 1)")
    with pytest.raises(registries.RegistryError) as caught:
        registries.kaggle("pets", "train.csv", target)
    for words in said:
        assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
