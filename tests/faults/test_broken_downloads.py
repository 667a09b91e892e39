"""Downloads that break, stall, are refused or are killed."""

import hashlib
import random
import signal
import time

import psutil
import pytest
from local_server import Answer, serve
from running import kill, refusal, stages

RIGHT, WRONG = (random.Random(seed).randbytes(3_000_000) for seed in (1, 2))
DIGEST = hashlib.sha256(RIGHT).hexdigest()
TARGET = "resources/pets/a.bin"


def plain(content, tag, asked):
    """What a server says that knows ranges, of a file with an ETag."""
    if asked is None:
        return Answer(content, headers={"ETag": tag})
    start = int(asked.removeprefix("bytes=").removesuffix("-"))
    said = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}", "ETag": tag}
    return Answer(content[start:], 206, headers=said)


def broken(content=RIGHT, **options):
    """Two blocks and a half of three."""
    return Answer(content[:2_500_000], length=len(content), headers={"ETag": '"1"'}, **options)


@pytest.fixture
def world(fresh):
    """A fresh world that waits for no server long."""
    path = fresh.folder / "scripts" / "headstart" / "download" / "http.py"
    code = path.read_text()
    assert "TIMEOUT = (10, 60)" in code and "PAUSE = 1.0" in code
    path.write_text(code.replace("TIMEOUT = (10, 60)", "TIMEOUT = (2, 2)").replace("PAUSE = 1.0", "PAUSE = 0.0"))
    return fresh


def pets(world, server):
    """The world with one download, a.bin, from a server."""
    entry = {"sha256": DIGEST, "sources": [{"url": f"{server.url}/a.bin"}]}
    return world.configured(**{"mirror": None, "downloads/pets": {"a.bin": entry}})


def fetched(world, answer, *arguments):
    """Fetch a.bin from a server that answers so; return the run and the server."""
    with serve(answer) as server:
        return pets(world, server).snakemake(*arguments, "--", TARGET), server


def assert_right(world, run):
    assert run.returncode == 0, run.stdout[-3000:]
    assert (world.folder / TARGET).read_bytes() == RIGHT
    assert sorted(path.name for path in (world.folder / TARGET).parent.iterdir()) == [".a.bin.json", "a.bin"]


def refused(world, run):
    """The one line in which a run ended, without a file."""
    line = refusal(run)
    assert not (world.folder / TARGET).exists()
    assert list(world.folder.rglob("*.part")) == []
    return line


@pytest.mark.parametrize("stalls", [False, True], ids=["breaks off", "stalls"])
def test_a_connection_fails_once(world, stalls):
    """The run ends with the right file, the rest by a range request."""
    run, server = fetched(
        world, lambda number, path, asked: plain(RIGHT, '"1"', asked) if asked else broken(stalls=stalls)
    )
    assert_right(world, run)
    assert [asked is not None for _, asked in server.requests] == [False, True]


@pytest.mark.parametrize("stalls", [False, True], ids=["breaks off", "stalls"])
def test_a_connection_fails_every_time(world, stalls):
    """One line says that it broke off or stalled in 4 attempts; no file is left."""
    run, server = fetched(world, lambda *_: broken(stalls=stalls))
    assert f"url {server.url}/a.bin: the connection broke off or stalled (tried 4 times)" in refused(world, run)


@pytest.mark.parametrize(
    ("status", "tried", "said"),
    [(404, 1, "HTTP 404 Not Found"), (500, 4, "HTTP 500 Internal Server Error (tried 4 times)")],
)
def test_a_server_refuses(world, status, tried, said):
    """One line gives the HTTP status and where to put the file by hand; no file is left."""
    run, server = fetched(world, lambda *_: Answer(b"<html>", status))
    line = refused(world, run)
    assert f"url {server.url}/a.bin: {said}. Put it at resources/by-hand/pets/a.bin by hand" in line
    assert len(server.requests) == tried


def test_a_server_fails_twice_with_500(world):
    """The run ends with the right file."""
    run, _ = fetched(world, lambda number, *_: Answer(status=500) if number < 3 else Answer(RIGHT))
    assert_right(world, run)


def test_a_server_redirects(world):
    """The run ends with the right file."""
    away = Answer(status=302, headers={"Location": "/there"})
    run, server = fetched(world, lambda number, path, asked: Answer(RIGHT) if path == "/there" else away)
    assert_right(world, run)
    assert [path for path, _ in server.requests] == ["/a.bin", "/there"]


def test_a_server_redirects_in_a_circle(world):
    """One line; no file is left."""
    run, _ = fetched(world, lambda *_: Answer(status=302, headers={"Location": "/a.bin"}))
    assert "too many redirects" in refused(world, run)


def test_a_wrong_body_of_the_right_length(world):
    """One line gives both SHA-256, and no file is left; the next run begins anew and ends with the right file."""
    run, _ = fetched(world, lambda *_: Answer(WRONG, headers={"ETag": '"1"'}))
    line = refused(world, run)
    assert f"SHA-256 of the content does not match (expected {DIGEST}, got {hashlib.sha256(WRONG).hexdigest()})" in line
    run, server = fetched(world, lambda number, path, asked: plain(RIGHT, '"1"', asked))
    assert_right(world, run)
    assert [asked for _, asked in server.requests] == [None]


@pytest.mark.parametrize("answer", [Answer(status=404), broken()], ids=["refused", "breaks off"])
def test_the_successor_of_a_file_cannot_be_had(world, answer):
    """One line; the old file stays as it was."""
    (world.folder / TARGET).parent.mkdir(parents=True)
    (world.folder / TARGET).write_bytes(b"old")
    run, server = fetched(world, lambda *_: answer, "--force")
    refusal(run)
    assert server.requests
    assert (world.folder / TARGET).read_bytes() == b"old"


def killed(world, server, all_of_it):
    """Begin to fetch from a server that stalls, kill the stage or all of Snakemake; return how much had come."""
    partial = world.folder / "resources" / "pets" / ".a.bin.partial"
    with world.start("--", TARGET) as run:
        while not partial.exists() or partial.stat().st_size < 2 << 20:
            assert run.poll() is None, "it ended by itself"
            time.sleep(0.05)
        process = psutil.Process(run.pid)
        ((rule, stage),) = stages(process)
        assert rule == "fetch"
        kill(process if all_of_it else stage)
    assert run.returncode == (-signal.SIGKILL if all_of_it else 1)
    assert not (world.folder / TARGET).exists()
    if all_of_it:
        assert world.snakemake("--unlock").returncode == 0
    return partial.stat().st_size


@pytest.mark.parametrize("all_of_it", [False, True], ids=["the stage", "all of Snakemake"])
def test_a_download_is_killed(fresh, all_of_it):
    """The next run goes on where it was, by a range request, and ends with the right file."""
    with serve(lambda *_: broken(stalls=True)) as server:
        world = pets(fresh, server)
        size = killed(world, server, all_of_it)
    with serve(lambda number, path, asked: plain(RIGHT, '"1"', asked), server.port) as server:
        run = world.snakemake("--", TARGET)
    assert_right(world, run)
    assert server.requests == [("/a.bin", f"bytes={size}-")]
    assert server.headers[0]["If-Range"] == '"1"'


def test_a_download_is_killed_and_its_server_then_has_another_file(fresh):
    """The next run begins anew, joins no halves, and ends with the right file."""
    with serve(lambda *_: broken(WRONG, stalls=True)) as server:
        world = pets(fresh, server)
        killed(world, server, False)
    # A server that knows If-Range would send the whole at once.
    with serve(lambda number, path, asked: plain(RIGHT, '"2"', asked), server.port) as server:
        run = world.snakemake("--", TARGET)
    assert_right(world, run)
    assert [asked is not None for _, asked in server.requests] == [True, False]
