"""A small HTTP server on 127.0.0.1 for the tests of downloads."""

import contextlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Server:
    """A running server: its address, and the (path, Range header), and all headers, of each request that it got."""

    url: str = ""
    port: int = 0
    requests: list = field(default_factory=list)
    headers: list = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Answer:
    """What the server says; ``length`` is what it promises where that is not the body's own length.

    With ``stalls`` it then says nothing more, and does not hang up either.
    """

    body: bytes = b""
    status: int = 200
    length: int | None = None
    headers: dict = field(default_factory=dict)
    stalls: bool = False


@contextlib.contextmanager
def serve(answer, port=0):
    """Serve ``answer(number, path, range)``, an `Answer` for each request, until the context ends.

    ``port`` is that of a server that has ended, to stand in its place.
    """
    served = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802, the name is the library's
            asked = self.headers.get("Range")
            served.requests.append((self.path, asked))
            served.headers.append(dict(self.headers))
            said = answer(len(served.requests), self.path, asked)
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body) if said.length is None else said.length))
            self.end_headers()
            if self.command == "HEAD":
                return
            self.wfile.write(said.body)
            if said.stalls:
                self.wfile.flush()
                served.over.wait()

        def do_HEAD(self):  # noqa: N802
            self.do_GET()

        def do_POST(self):  # noqa: N802
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        patch.setenv("no_proxy", "127.0.0.1")
        served.port = server.server_port
        served.url = f"http://127.0.0.1:{served.port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield served
        finally:
            served.over.set()
            server.shutdown()
            thread.join()


def folder(root):
    """Return an ``answer`` for `serve` that serves the files under ``root``, and 404 for others."""

    def answer(number, path, asked):
        file = root / path.partition("?")[0].lstrip("/")
        return Answer(file.read_bytes()) if file.is_file() else Answer(status=404)

    return answer
