"""Downloads over HTTP that go on where they broke off."""

import time

import requests
import urllib3
from tqdm import tqdm

ATTEMPTS = 4
UNREACHABLE = 2  # attempts on a server that does not even answer: behind a firewall each of them waits in vain
TIMEOUT = (10, 60)  # seconds to connect, seconds without a byte
BLOCK = 1 << 20


class HttpError(Exception):
    """A download that failed for good; the text says why, without the address."""


def download(url, path, terminal, title, *, pause=1.0):
    """Download ``url`` to ``path``, with a progress bar called ``title`` on the stream ``terminal``.

    Broken connections, short bodies, time-outs and answers of 408, 429 and 5xx are tried again up to ATTEMPTS times
    (UNREACHABLE times where there is no connection at all), ``pause`` seconds later and twice as late each time, going
    on by a range request where the server can. Raises `HttpError` where that does not help.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _attempt(url, path, terminal, title)
        except _Passing as error:
            if attempt >= (UNREACHABLE if isinstance(error, _Unreachable) else ATTEMPTS):
                raise HttpError(f"{error} (tried {attempt} times)") from error
        time.sleep(pause * 2 ** (attempt - 1))


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


def _attempt(url, path, terminal, title):
    done = path.stat().st_size if path.exists() else 0
    # Identity: a server that compresses on the way would hide the length and break ranges.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
    connected = False
    try:
        with requests.get(url, stream=True, timeout=TIMEOUT, headers=headers) as answer:
            connected = True
            if answer.status_code == 416:
                path.unlink(missing_ok=True)
                raise _Passing("the server does not know the range asked for")
            if answer.status_code in (408, 429) or answer.status_code >= 500:
                raise _Passing(f"HTTP {answer.status_code} {answer.reason}")
            if not answer.ok:
                raise HttpError(f"HTTP {answer.status_code} {answer.reason}")
            if answer.status_code != 206:
                done = 0
            length = answer.headers.get("Content-Length")
            total = done + int(length) if length else None
            with (
                open(path, "ab" if done else "wb") as file,
                tqdm(
                    desc=title, total=total, initial=done, unit="B", unit_scale=True, file=terminal, disable=None
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
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ReadTimeout):
        return "timed out"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "cannot connect"
    return type(error).__name__
