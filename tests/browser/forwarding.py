"""A program on another port that passes the node's own pages on, as somebody in between would."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final
from urllib.parse import urlsplit

_DROPPED: Final = frozenset({"host", "origin", "referer", "connection", "accept-encoding"})


@contextmanager
def forwarding(url: str) -> Iterator[int]:
    """Answer on a port of its own with what the node at ``url`` answers; yield the port."""
    node = urlsplit(url)

    class Handler(BaseHTTPRequestHandler):
        """Rewrites what would give it away: the host, the origin, and where a request is from."""

        def do_GET(self) -> None:
            """Pass a request on."""
            self._pass_on(b"")

        def do_POST(self) -> None:
            """Pass a request on with its body."""
            self._pass_on(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _pass_on(self, body: bytes) -> None:
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in _DROPPED and not name.lower().startswith("sec-fetch")
            }
            headers |= {"Host": node.netloc, "Origin": url}
            connection = HTTPConnection("127.0.0.1", node.port or 80, timeout=20)
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"transfer-encoding", "connection", "date", "server"}:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
