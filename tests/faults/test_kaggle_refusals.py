"""Kaggle refuses, its own client asking a stand-in of its servers; and credentials."""

import base64
import json

import pytest
from local_server import Answer, serve
from running import refusal

TOKEN, KEY, PASSWORD, QUERY = "planted-token", "planted-key", "planted-password", "planted-query"
TARGET = "resources/pets/train.zip"
RULES = "You must accept this competition's rules before you'll be able to download files."


def said(content, status=200):
    """An answer in JSON; errors are told in its body too, as Kaggle does."""
    body = json.dumps({"code": status, "message": content} if isinstance(content, str) else content)
    return Answer(body.encode(), status, headers={"Content-Type": "application/json"})


KNOWN = said({"active": True, "username": "me"})
UNAUTHORIZED = said("Unauthenticated", 401)
SIGNED = Answer(status=302, headers={"Location": f"http://localhost/store/train.zip?Signature={QUERY}"})


@pytest.fixture
def kaggle(fresh, monkeypatch):
    """A run that fetches train.zip of pets from Kaggle alone; ``answers`` begin with what is said of the token.

    The real client asks http://localhost, which our server stands in for as its proxy.
    """
    for name in ("KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_API_TOKEN", "KAGGLE_CONFIG_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    (fresh.folder / "home").mkdir()
    sources = [{"kaggle": "pets", "file": "train.zip"}]
    world = fresh.configured(**{"mirror": None, "downloads/pets": {"train.zip": {"sources": sources}}})

    def run(answers, **credentials):
        with serve(lambda number, path, asked: answers[min(number, len(answers)) - 1]) as server:
            proxy = {"HTTP_PROXY": server.url, "http_proxy": server.url}
            home = {"HOME": str(world.folder / "home"), "KAGGLE_API_ENVIRONMENT": "LOCALHOST"}
            finished = world.snakemake("--", TARGET, **proxy, **home, **credentials)
        return world, finished, server

    return run


def refused(world, run):
    """The one line in which a run ended, without a file."""
    line = refusal(run)
    assert not list((world.folder / "resources").rglob("[!.]*.*")), "a file under a final name"
    assert not list((world.folder / "resources").rglob("*.part"))
    return line


def written(world, *words):
    """The files that hold one of some words, also as a client sends them; but for the config, which gave them."""
    forms = [word.encode() for word in words] + [base64.b64encode(f"me:{word}".encode()) for word in words]
    files = (path for path in world.folder.rglob("*") if path.is_file() and path != world.config)
    return [str(path) for path in files if any(form in path.read_bytes() for form in forms)]


def test_no_credentials(kaggle):
    """One line says to sign up, accept the rules and save a token; no file is left."""
    world, run, server = kaggle([Answer(status=500)])
    line = refused(world, run)
    for step in ("no Kaggle credentials", "sign up", "/c/pets/rules", "~/.kaggle/access_token", "resources/by-hand"):
        assert step in line
    assert server.requests == []


@pytest.mark.parametrize(
    ("credentials", "answer"),
    [
        ({"KAGGLE_API_TOKEN": TOKEN}, said({"active": False})),
        ({"KAGGLE_API_TOKEN": TOKEN}, UNAUTHORIZED),
        ({"KAGGLE_API_TOKEN": TOKEN}, Answer(b"<html>", 401)),
        ({"KAGGLE_USERNAME": "me", "KAGGLE_KEY": KEY}, UNAUTHORIZED),
    ],
    ids=["a token that has run out", "a wrong token", "a wrong token, a page for an answer", "a wrong key"],
)
def test_wrong_credentials(kaggle, credentials, answer):
    """One line says that the credentials are wrong and how to make new ones; no file is left."""
    world, run, server = kaggle([answer], **credentials)
    line = refused(world, run)
    assert "wrong" in line
    assert "~/.kaggle/access_token" in line
    assert server.requests
    assert TOKEN not in run.stdout and KEY not in run.stdout
    assert written(world, TOKEN, KEY) == []


@pytest.mark.parametrize("answer", [said(RULES, 403), Answer(b"<html>", 403)], ids=["in words", "as a page"])
def test_the_rules_are_not_accepted(kaggle, answer):
    """One line says where to accept the rules; no file is left."""
    world, run, _ = kaggle([KNOWN, answer], KAGGLE_API_TOKEN=TOKEN)
    assert "accept the rules at https://www.kaggle.com/c/pets/rules, then run again" in refused(world, run)
    assert written(world, TOKEN) == []


def test_the_signed_address_that_Kaggle_sends_to_fails(kaggle):  # noqa: N802, it is a name
    """One line, without the signature; no file is left."""
    world, run, server = kaggle([KNOWN, SIGNED, Answer(status=404)], KAGGLE_API_TOKEN=TOKEN)
    line = refused(world, run)
    assert "404" in line
    assert QUERY in server.requests[-1][0]
    assert QUERY not in run.stdout
    assert written(world, TOKEN, QUERY) == []


def test_a_page_instead_of_the_archive(kaggle):
    """One line says that it is not a zip archive; no file is left."""
    world, run, _ = kaggle([KNOWN, SIGNED, Answer(b"<html>log in</html>")], KAGGLE_API_TOKEN=TOKEN)
    assert "not a zip archive" in refused(world, run)


@pytest.mark.parametrize("given", ["in the addresses", "in ~/.netrc"])
def test_credentials_in_the_config_and_the_environment(fresh, tmp_path, given):
    """The run ends with what there is, and nothing that was written or printed has the credentials."""
    content, in_addresses = b"pets", given == "in the addresses"
    (tmp_path / ".netrc").write_text("" if in_addresses else f"machine 127.0.0.1 login me password {PASSWORD}\n")
    (tmp_path / ".netrc").chmod(0o600)

    def answer(number, path, asked):
        return Answer(content) if path.endswith("/a.bin") else Answer(status=404)

    with serve(answer) as server:
        address = server.url.replace("//", f"//me:{PASSWORD}@") if in_addresses else server.url
        entry = {"sources": [{"url": f"{address}/gone?token={QUERY}"}, {"kaggle": "pets", "file": "b.bin"}]}
        world = fresh.configured(mirror=address, **{"downloads/pets": {"a.bin": entry, "b.bin": entry}})
        proxy = {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
        kaggle = {"KAGGLE_API_TOKEN": TOKEN, "KAGGLE_API_ENVIRONMENT": "LOCALHOST", "HOME": str(tmp_path)}
        run = world.snakemake("--keep-going", "--", "resources/pets/a.bin", "resources/pets/b.bin", **proxy, **kaggle)
    sent = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    assert all(headers["Authorization"] == f"Basic {sent}" for headers in server.headers)
    assert (world.folder / "resources" / "pets" / "a.bin").read_bytes() == content
    assert "pets/b.bin: no source provided this file" in refusal(run)
    for word in (PASSWORD, QUERY, TOKEN, sent):
        assert word not in run.stdout
    assert written(world, PASSWORD, QUERY, TOKEN) == []
