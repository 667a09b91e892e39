"""Downloads over HTTP, from a real server on this machine."""

import gzip
import io

import pytest
from local_server import Answer, serve

from headstart import http

CONTENT = bytes(range(256)) * 12_000  # 3 MB, three blocks


def download(server, path, name="file"):
    http.download(f"{server.url}/{name}", path, io.StringIO(), name, pause=0)


def whole(number, path, asked):
    return Answer(CONTENT)


def in_ranges(number, path, asked):
    """The first answer breaks off; later ones begin where they are asked to."""
    if asked is None:
        return Answer(CONTENT[:2_500_000], length=len(CONTENT))
    start = int(asked.removeprefix("bytes=").removesuffix("-"))
    end = len(CONTENT) - 1
    return Answer(CONTENT[start:], 206, headers={"Content-Range": f"bytes {start}-{end}/{len(CONTENT)}"})


def test_a_file_arrives_as_it_is(tmp_path):
    with serve(whole) as server:
        download(server, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_body_that_breaks_off_goes_on_by_a_range_request(tmp_path):
    with serve(in_ranges) as server:
        download(server, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert [asked is not None for _, asked in server.requests] == [False, True]
    assert server.requests[1][1] != "bytes=0-"


def test_a_server_without_ranges_sends_the_file_from_the_start(tmp_path):
    def answer(number, path, asked):
        return Answer(CONTENT[:2_500_000], length=len(CONTENT)) if number == 1 else Answer(CONTENT)

    with serve(answer) as server:
        download(server, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert server.requests[1][1] is not None


def test_a_range_that_the_server_does_not_know_starts_anew(tmp_path):
    def answer(number, path, asked):
        return Answer(status=416) if asked else Answer(CONTENT)

    (tmp_path / "file").write_bytes(b"too much" * 1_000_000)
    with serve(answer) as server:
        download(server, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_server_that_knows_no_range_at_all_is_a_plain_failure(tmp_path):
    with serve(lambda *_: Answer(status=416)) as server, pytest.raises(http.HttpError, match="range"):
        download(server, tmp_path / "file")


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_failure_that_may_pass_is_tried_again(tmp_path, status):
    with serve(lambda number, *_: Answer(status=status) if number < 3 else Answer(b"at last")) as server:
        download(server, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"at last"
    assert len(server.requests) == 3


def test_a_failure_that_does_not_pass_ends_after_all_attempts(tmp_path):
    with serve(lambda *_: Answer(status=503)) as server:
        with pytest.raises(http.HttpError, match=f"HTTP 503 .*tried {http.ATTEMPTS} times"):
            download(server, tmp_path / "file")
    assert len(server.requests) == http.ATTEMPTS


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_ends_at_once(tmp_path, status):
    with serve(lambda *_: Answer(status=status)) as server:
        with pytest.raises(http.HttpError, match=f"^HTTP {status}"):
            download(server, tmp_path / "file")
    assert len(server.requests) == 1


def test_a_body_that_always_breaks_off_is_a_failure_in_one_line(tmp_path):
    with serve(lambda *_: Answer(b"half", length=8)) as server:
        with pytest.raises(http.HttpError, match="broke off|ended after") as caught:
            download(server, tmp_path / "file")
    assert "\n" not in str(caught.value)


def test_a_server_that_goes_away_in_the_middle_is_a_failure(tmp_path):
    def answer(number, path, asked):
        if number < 3:
            return Answer(CONTENT[:2_500_000], length=len(CONTENT))
        return Answer(status=302, headers={"Location": "http://127.0.0.1:1/"})  # nobody listens there

    with serve(answer) as server, pytest.raises(http.HttpError):
        download(server, tmp_path / "file")


def test_a_failure_does_not_quote_the_address(tmp_path):
    with pytest.raises(http.HttpError) as caught:
        http.download("http://me:secret@127.0.0.1:1/file?key=hidden", tmp_path / "f", io.StringIO(), "f", pause=0)
    for word in ("me:", "secret", "hidden", "127.0.0.1"):
        assert word not in str(caught.value)
    assert "cannot connect" in str(caught.value)


def test_a_small_text_is_empty_where_the_server_has_none():
    with serve(lambda number, path, asked: Answer(b"words") if path == "/there" else Answer(status=404)) as server:
        assert http.text(f"{server.url}/there") == "words"
        assert http.text(f"{server.url}/not-there") == ""


def test_a_gz_that_a_server_declares_as_an_encoding_stays_a_gz(tmp_path):
    packed = gzip.compress(CONTENT)
    with serve(lambda *request: Answer(packed, headers={"Content-Encoding": "gzip"})) as server:
        download(server, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == packed


def test_a_list_of_digests_that_fails_is_no_empty_list():
    with serve(lambda *request: Answer(status=503)) as server, pytest.raises(http.HttpError, match="HTTP 503"):
        http.text(f"{server.url}/SHA256SUMS")


def test_a_redirect_to_nonsense_is_a_failure(tmp_path):
    def away(number, path, asked):
        return Answer(status=302, headers={"Location": "http://[::bad/x"})

    with serve(away) as server, pytest.raises(http.HttpError):
        download(server, tmp_path / "file")
