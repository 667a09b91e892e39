"""Downloads over HTTP, from a real server on this machine."""

import gzip
import io

import pytest
from local_server import Answer, serve

from headstart.download import http

CONTENT = bytes(range(256)) * 12_000  # 3 MB, three blocks


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(http, "PAUSE", 0)


def download(server, path, name="file"):
    http.download(f"{server.url}/{name}", path, io.StringIO(), name)


def whole(number, path, asked):
    return Answer(CONTENT)


def part(content, asked, **headers):
    """What is asked for by a range."""
    start = int(asked.removeprefix("bytes=").removesuffix("-"))
    said = f"bytes {start}-{len(content) - 1}/{len(content)}"
    return Answer(content[start:], 206, headers={"Content-Range": said, **headers})


def broken(**headers):
    """An answer that breaks off in the last of three blocks."""
    return Answer(CONTENT[:2_500_000], length=len(CONTENT), headers=headers)


def in_ranges(number, path, asked):
    """The first answer breaks off; later ones begin where they are asked to."""
    if asked is None:
        return broken()
    return part(CONTENT, asked)


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
        return broken() if number == 1 else Answer(CONTENT)

    with serve(answer) as server:
        download(server, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert server.requests[1][1] is not None


def test_a_range_that_the_server_does_not_know_starts_anew(tmp_path):
    answers = [broken(), Answer(status=416), Answer(CONTENT)]
    with serve(lambda number, *_: answers[number - 1]) as server:
        download(server, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert [asked is not None for _, asked in server.requests] == [False, True, False]


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
            return broken()
        return Answer(status=302, headers={"Location": "http://127.0.0.1:1/"})  # nobody listens there

    with serve(answer) as server, pytest.raises(http.HttpError):
        download(server, tmp_path / "file")


def stopped(tmp_path, name="file", **headers):
    """A download to ``file`` of which two blocks have come, under these headers; nobody listens there any more."""
    away = Answer(status=302, headers={"Location": "http://127.0.0.1:1/"})
    with serve(lambda number, *_: broken(**headers) if number == 1 else away) as server:
        with pytest.raises(http.HttpError):
            download(server, tmp_path / "file", name)
        assert server.requests[0][1] is None
    return server.port


def test_what_has_come_is_gone_on_with_by_the_next_call(tmp_path):
    port = stopped(tmp_path, ETag='"1"')
    size = (tmp_path / "file").stat().st_size
    with serve(lambda number, path, asked: part(CONTENT, asked, ETag='"1"'), port) as server:
        download(server, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert server.requests == [("/file", f"bytes={size}-")]
    assert server.headers[0]["If-Range"] == '"1"'
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_has_come_under_a_date_is_gone_on_with(tmp_path):
    date = {"Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT", "ETag": 'W/"1"'}  # If-Range knows no weak ETags
    port = stopped(tmp_path, **date)
    with serve(lambda number, path, asked: part(CONTENT, asked, **date), port) as server:
        download(server, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert server.headers[0]["If-Range"] == date["Last-Modified"]


def test_halves_of_two_versions_are_never_joined(tmp_path):
    """Though the server overlooks If-Range."""
    new = CONTENT[::-1]

    def answer(number, path, asked):
        return part(new, asked, ETag='"2"') if asked else Answer(new, headers={"ETag": '"2"'})

    port = stopped(tmp_path, ETag='"1"')
    with serve(answer, port) as server:
        download(server, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == new
    assert [asked is not None for _, asked in server.requests] == [True, False]


@pytest.mark.parametrize(
    ("name", "headers"),
    [("other", {"ETag": '"1"'}), ("file", {}), ("file", {"ETag": 'W/"1"'})],
    ids=["another address", "no version", "a weak ETag alone"],
)
def test_what_may_be_of_another_file_is_not_gone_on_with(tmp_path, name, headers):
    port = stopped(tmp_path, **headers)
    with serve(whole, port) as server:
        download(server, tmp_path / "file", name)
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert server.requests == [(f"/{name}", None)]


def test_a_record_that_was_not_written_to_its_end_is_none(tmp_path):
    port = stopped(tmp_path, ETag='"1"')
    (tmp_path / "file.json").write_text('{"address": "')
    with serve(whole, port) as server:
        download(server, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert server.requests == [("/file", None)]


def test_a_refusal_of_another_source_leaves_what_has_come(tmp_path):
    stopped(tmp_path, ETag='"1"')
    with serve(lambda *_: Answer(status=404)) as server, pytest.raises(http.HttpError):
        download(server, tmp_path / "file", "elsewhere")
    assert (tmp_path / "file").stat().st_size >= 2 << 20


@pytest.mark.parametrize("said", ["bytes 7-2999/3000", "bytes */3000", None])
def test_a_part_that_was_not_asked_for_is_not_put_on(tmp_path, said):
    def answer(number, path, asked):
        wrong = Answer(b"wrong", 206, headers={"Content-Range": said} if said else {})
        return broken() if number == 1 else wrong if asked else Answer(CONTENT)

    with serve(answer) as server:
        download(server, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_server_that_gives_a_little_at_a_time_gives_all_in_the_end(tmp_path):
    def answer(number, path, asked):
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        said = {"Content-Range": f"bytes {start}-{start + 499_999}/{len(CONTENT)}"}
        return Answer(CONTENT[start : start + 500_000], 206, headers=said) if asked else broken()

    with serve(answer) as server:
        download(server, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_the_record_has_no_credentials(tmp_path):
    away = Answer(status=302, headers={"Location": "http://127.0.0.1:1/"})
    with serve(lambda number, *_: broken(ETag='"1"') if number == 1 else away) as server:
        url = f"{server.url.replace('//', '//me:secret@')}/file?key=hidden"
        with pytest.raises(http.HttpError):
            http.download(url, tmp_path / "file", io.StringIO(), "file")
    record = (tmp_path / "file.json").read_text()
    assert f"{server.url}/file" in record
    assert not any(word in record for word in ("me:", "secret", "hidden"))


def test_a_failure_does_not_quote_the_address(tmp_path):
    with pytest.raises(http.HttpError) as caught:
        http.download("http://me:secret@127.0.0.1:1/file?key=hidden", tmp_path / "f", io.StringIO(), "f")
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
