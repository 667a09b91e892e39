"""Download over HTTP, and resume a broken download in the same run or in the next."""

import json
import re
import time

import requests
import urllib3

from headstart.core import progress
from headstart.core.addresses import shown

ATTEMPTS = 4
UNREACHABLE = 2  # attempts on a server that never answers: behind a firewall each attempt waits in vain
TIMEOUT = (10, 60)  # seconds to connect, seconds without a byte
PAUSE = 1.0  # seconds before the second attempt
BLOCK = 1 << 20


class HttpError(Exception):
    """A final failure of a download, with the reason as its text and without the address."""


def download(url, path, terminal, title):
    """Download ``url`` to ``path``, with a progress bar called ``title`` on the stream ``terminal``.

    It retries after broken connections, short bodies, time-outs and answers of 408, 429 and 5xx. It makes up to
    ATTEMPTS attempts (UNREACHABLE without any connection). The first pause is PAUSE seconds, and each further pause is
    twice as long. A retry resumes by a range request where the server supports it. Raises `HttpError` if the last
    attempt fails, and at once for any other error that the server answers.

    After a failure or a kill, the partial download stays at ``path`` with a record beside it. The next call resumes it
    if the address is the same. The server must also confirm, by an ETag or a date, that the file is the same.
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
    """Remove a partial download to ``path``, and its record."""
    path.unlink(missing_ok=True)  # first, or a kill could pair a record with half of another file
    _record(path).unlink(missing_ok=True)


def text(url):
    """Return a small text file, or "" if the server has none. Raises `HttpError` if the request fails."""
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
    """A failure to connect to the server."""


def _record(path):
    return path.with_name(f"{path.name}.json")


def _begun(path, url):
    """Return the record of the download to ``path``, or None if none was begun from this address."""
    try:
        found = json.loads(_record(path).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # ValueError: a kill interrupted its writing
        return None
    return found if found["address"] == shown(url) else None


def _version(answer):
    """Return the server's mark of the file's version, in the form that If-Range takes, or None."""
    etag = answer.headers.get("ETag", "W/")
    return answer.headers.get("Last-Modified") if etag.startswith("W/") else etag


def _goes_on(answer, done, begun):
    """Return a true value if an answer has the range asked for, of the same version of the file."""
    start = re.match(r"bytes (\d+)-\d+/", answer.headers.get("Content-Range", ""))
    return begun and start and int(start[1]) == done and _version(answer) in (None, begun["version"])


def _attempt(url, path, terminal, title):
    begun = _begun(path, url)
    done = path.stat().st_size if begun and path.exists() else 0
    # Ask for identity: compression by the server would hide the length and break ranges.
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
                raise _Passing("the server did not return the requested range")
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
                # Keep the bytes as sent: a .gz declared as Content-Encoding: gzip stays a .gz.
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
    """Describe an exception of requests in a few words: its own text quotes the address, with any password."""
    if isinstance(error, requests.exceptions.SSLError):
        return "the server's certificate is not trusted"
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return "too many redirects"
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ReadTimeout):
        return "timed out"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "cannot connect"
    return type(error).__name__
