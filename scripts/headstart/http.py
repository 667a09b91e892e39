"""Downloads over HTTP that go on where they broke off, in the same run or in the next one."""

import json
import re
import time

import requests
import urllib3

from headstart import progress
from headstart.addresses import shown

ATTEMPTS = 4
UNREACHABLE = 2  # attempts on a server that does not even answer: behind a firewall each of them waits in vain
TIMEOUT = (10, 60)  # seconds to connect, seconds without a byte
PAUSE = 1.0  # seconds before the second attempt
BLOCK = 1 << 20


class HttpError(Exception):
    """A download that failed for good; the text says why, without the address."""


def download(url, path, terminal, title):
    """Download ``url`` to ``path``, with a progress bar called ``title`` on the stream ``terminal``.

    Broken connections, short bodies, time-outs and answers of 408, 429 and 5xx are tried again up to ATTEMPTS times
    (UNREACHABLE times where there is no connection at all), PAUSE seconds later and twice as late each time, going on
    by a range request where the server can. Raises `HttpError` where that does not help.

    What has come by then, or when the process is killed, stays at ``path`` with a record beside it, and the next call
    goes on with it where the address is the same and the server says, by an ETag or a date, that the file is too.
    """
    begun = _begun(path, url)
    if begun and not begun["version"]:
        discard(path)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _attempt(url, path, terminal, title)
            break
        except _Passing as error:
            if attempt >= (UNREACHABLE if isinstance(error, _Unreachable) else ATTEMPTS):
                raise HttpError(f"{error} (tried {attempt} times)") from error
        time.sleep(PAUSE * 2 ** (attempt - 1))
    _record(path).unlink(missing_ok=True)


def discard(path):
    """Remove what has come of a download to ``path``, and its record."""
    path.unlink(missing_ok=True)  # first: a record of one file beside the half of another would join the two
    _record(path).unlink(missing_ok=True)


def text(url):
    """Return a small text file, or "" where the server has none."""
    try:
        answer = requests.get(url, timeout=TIMEOUT)
    except (requests.RequestException, ValueError) as error:
        raise HttpError(_plain(error)) from error
    if answer.status_code in (404, 410):
        return ""
    if not answer.ok:
        raise HttpError(f"HTTP {answer.status_code} {answer.reason} for {url.rpartition('/')[2]}")
    return answer.text


class _Passing(Exception):
    """A failure that may pass."""


class _Unreachable(_Passing):
    """No connection to the server."""


def _record(path):
    return path.with_name(f"{path.name}.json")


def _begun(path, url):
    """What is known of the download to ``path``, if one was begun from this address."""
    try:
        found = json.loads(_record(path).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # ValueError: killed while it was written
        return None
    return found if found["address"] == shown(url) else None


def _version(answer):
    """What the server says to tell versions of the file apart, in the form that If-Range takes; or None."""
    etag = answer.headers.get("ETag", "W/")
    return answer.headers.get("Last-Modified") if etag.startswith("W/") else etag


def _goes_on(answer, done, begun):
    """Whether a part of a file is the one asked for, and of the same version."""
    start = re.match(r"bytes (\d+)-\d+/", answer.headers.get("Content-Range", ""))
    return begun and start and int(start[1]) == done and _version(answer) in (None, begun["version"])


def _attempt(url, path, terminal, title):
    begun = _begun(path, url)
    done = path.stat().st_size if begun and path.exists() else 0
    # Identity: a server that compresses on the way would hide the length and break ranges.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
    if done and begun["version"]:
        headers["If-Range"] = begun["version"]
    connected = False
    try:
        with requests.get(url, stream=True, timeout=TIMEOUT, headers=headers) as answer:
            connected = True
            if answer.status_code in (408, 429) or answer.status_code >= 500:
                raise _Passing(f"HTTP {answer.status_code} {answer.reason}")
            if answer.status_code == 416 or (answer.status_code == 206 and not _goes_on(answer, done, begun)):
                discard(path)
                raise _Passing("the server does not know the range asked for")
            if not answer.ok:
                raise HttpError(f"HTTP {answer.status_code} {answer.reason}")
            if answer.status_code == 206:
                total = answer.headers["Content-Range"].rpartition("/")[2]
            else:
                discard(path)
                done, total = 0, answer.headers.get("Content-Length", "*")
                record = {"address": shown(url), "version": _version(answer)}
                _record(path).write_text(json.dumps(record), encoding="utf-8")
            total = None if total == "*" else int(total)
            with (
                open(path, "ab" if done else "wb") as file,
                progress.bar(
                    desc=title, total=total, initial=done, unit="B", unit_scale=True, terminal=terminal
                ) as bar,
            ):
                # As it is sent: a .gz that a server declares to be Content-Encoding: gzip stays a .gz.
                for block in answer.raw.stream(BLOCK, decode_content=False):
                    file.write(block)
                    bar.update(len(block))
                size = file.tell()
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
        if connected:
            raise _Passing("the connection broke off or stalled") from error
        raise _Unreachable(_plain(error)) from error
    if total is not None and size != total:
        raise _Passing(f"the connection ended after {size} of {total} bytes")


def _plain(error):
    """An exception of requests in a few words: its own text quotes the address, and with it any password."""
    if isinstance(error, requests.exceptions.SSLError):
        return "the server's certificate is not trusted"
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return "it redirects without end"
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ReadTimeout):
        return "timed out"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "cannot connect"
    return type(error).__name__
