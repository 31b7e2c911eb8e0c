"""A visitor of the node: a browser with a passkey, or a script with a token, over plain HTTP."""

import json
import socket
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from typing import Any, Final

from demo.authenticator import Authenticator
from demo.stage import DemoFailedError, Stage

_LONGEST: Final = 70


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: Any


class _Loopback(HTTPConnection):
    """A connection to this machine that looks no name up; browsers know these names as well."""

    def connect(self) -> None:
        """Connect."""
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.sock.settimeout(20)
        self.sock.connect(("127.0.0.1", self.port))


@dataclass
class Visitor:
    """Asks, keeps its cookies, and shows on the stage what it asked and what it was told."""

    stage: Stage
    origin: str
    port: int
    token: str = ""
    device: Authenticator = field(default_factory=Authenticator)
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, body: object = None, *, said: str = "", **headers: str
    ) -> Answer:
        """Send a request and show it in two lines; ``said`` names a member of the answer."""
        answer = self.quietly(method, path, body, **headers)
        shown = "" if body is None else f"  [dim]{_short(body)}[/]"
        self.stage.console.print(f"  [bold]{method}[/] {path}{shown}", soft_wrap=True)
        told = f"{answer.status} {HTTPStatus(answer.status).phrase}"
        words = answer.body.get(said or "code", "") if isinstance(answer.body, dict) else ""
        self.stage.console.print(f"    [dim]→[/] {told}  {_short(words)}", soft_wrap=True)
        return answer

    def quietly(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Send a request."""
        connection = _Loopback(self.origin.partition("://")[2].partition(":")[0], self.port)
        try:
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, path, data, self._headers(headers, data))
            response = connection.getresponse()
            for cookie in response.headers.get_all("Set-Cookie", []):
                for name, morsel in SimpleCookie(cookie).items():
                    self.cookies[name] = morsel.value
            text = response.read()
            return Answer(response.status, json.loads(text) if text else None)
        finally:
            connection.close()

    def confirmed(self, method: str, path: str, body: object) -> Answer:
        """Confirm a dangerous request with the passkey, and send it."""
        action = {"method": method, "path": path, "query": {}, "body": body}
        options = self._must("/v1/step-up/options", {"action": action})
        answer = self.device.get(options, self.origin)
        given = self._must("/v1/step-up", {"action": action, "answer": answer})
        self.stage.console.print("  [dim]the passkey confirms exactly this request[/]")
        return self.ask(method, path, body, Step_Up=given["secret"])

    def register(self, secret: str) -> Answer:
        """Make a passkey with a one-time secret; the session begins with it."""
        options = self._must("/v1/enrolment/options", {"secret": secret})
        made = self.device.create(options, self.origin)
        return self.quietly("POST", "/v1/enrolment", {"secret": secret, "answer": made})

    def sign_in(self) -> Answer:
        """Sign in with the passkey."""
        options = self._must("/v1/sessions/options", None)
        answer = self.device.get(options, self.origin)
        return self.ask("POST", "/v1/sessions", {"answer": answer}, said="kind")

    def _must(self, path: str, body: object) -> Any:  # noqa: ANN401 - a JSON document
        answer = self.quietly("POST", path, body)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            message = f"POST {path} was answered {answer.status}: {answer.body}"
            raise DemoFailedError(message)
        return answer.body

    def _headers(self, more: dict[str, str], data: bytes | None) -> dict[str, str]:
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        headers.setdefault("Host", self.origin.partition("://")[2])
        if data is not None:
            headers["Content-Type"] = "application/json"
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        elif self.cookies:
            headers["Origin"] = self.origin  # as a browser says from its own pages
            headers["Cookie"] = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        return headers


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text.replace("[", r"\[")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
