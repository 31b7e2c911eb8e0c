"""A node that serves as a process of its own, and a person of it: for what asks from outside."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Final

from demo.authenticator import Authenticator
from mnemosyne import bootstrap
from mnemosyne.kit.vault.key_file import KeyFileRules, create_key_file
from mnemosyne.kit.vault.phrase import generate_phrase
from mnemosyne.settings import Settings

_LOOPBACK: Final = "127.0.0.1"
_PATIENCE: Final = 30
_MADE: Final = 201


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; ``body`` is JSON, or None."""

    status: int
    headers: Mapping[str, str]
    body: Any


class UnansweredError(RuntimeError):
    """The node did something else than it has to."""


@dataclass
class Visitor:
    """A browser with a passkey, at the node's own address; it keeps its cookies."""

    origin: str
    port: int
    device: Authenticator = field(default_factory=Authenticator)
    cookies: dict[str, str] = field(default_factory=dict)
    address: str = _LOOPBACK

    @property
    def host(self) -> str:
        """Return what the Host of a request is."""
        return self.origin.partition("://")[2]

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request from ``address``, which may be any of the loopback network."""
        connection = HTTPConnection(_LOOPBACK, self.port, 60, (self.address, 0))
        try:
            data = None if body is None else json.dumps(body).encode()
            sent = {**self.headers(), **(headers or {})}
            if data is not None:
                sent.setdefault("Content-Type", "application/json")
            connection.request(method, path, data, sent)
            response = connection.getresponse()
            for cookie in response.headers.get_all("Set-Cookie", []):
                for name, morsel in SimpleCookie(cookie).items():
                    self.cookies[name] = morsel.value
            text = response.read()
            kind = response.headers.get("Content-Type", "")
            parsed = json.loads(text) if text and "json" in kind and "jsonl" not in kind else None
            return Answer(response.status, dict(response.headers), parsed)
        finally:
            connection.close()

    def headers(self) -> dict[str, str]:
        """Return what a browser sends from the node's own pages."""
        kept = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        return {"Host": self.host, "Origin": self.origin} | ({"Cookie": kept} if kept else {})

    def register(self, secret: str) -> list[str]:
        """Make a passkey with a one-time secret and return the recovery codes; be signed in."""
        options = self.must("/v1/enrolment/options", {"secret": secret})
        made = self.device.create(options, self.origin)
        enrolled = self.must("/v1/enrolment", {"secret": secret, "answer": made})
        codes: list[str] = enrolled["codes"]
        return codes

    def answer(self) -> dict[str, Any]:
        """Return a fresh answer of the passkey, with which one can sign in once."""
        return self.device.get(self.must("/v1/sessions/options", None), self.origin)

    def sign_in(self) -> Answer:
        """Sign in with the passkey."""
        return self.ask("POST", "/v1/sessions", {"answer": self.answer()})

    def confirm(self, action: Mapping[str, Any]) -> str:
        """Confirm an act with the passkey; return the secret that lets it through."""
        options = self.must("/v1/step-up/options", {"action": action})
        answer = self.device.get(options, self.origin)
        given = self.must("/v1/step-up", {"action": action, "answer": answer})
        secret: str = given["secret"]
        return secret

    def must(self, path: str, body: object) -> Any:  # noqa: ANN401 - a JSON document
        """Post something that has to be answered well, and return what it was answered with.

        Raises:
            UnansweredError: it was not.
        """
        answer = self.ask("POST", path, body)
        if answer.status > _MADE:
            message = f"POST {path} was answered {answer.status}: {answer.body}"
            raise UnansweredError(message)
        return answer.body


@dataclass(frozen=True, slots=True)
class LiveNode:
    """A node that serves: where, as which process, and the one-time secret of its first person."""

    origin: str
    port: int
    pid: int
    secret: str

    def visitor(self, address: str = _LOOPBACK) -> Visitor:
        """Return a browser of somebody who comes from ``address``."""
        return Visitor(self.origin, self.port, address=address)


@contextmanager
def live_node(folder: Path, requests_a_minute: int | None = None) -> Iterator[LiveNode]:
    """Make a vault in ``folder``, serve it, and stop it as Control-C does.

    Raises:
        UnansweredError: it does not start, or does not stop as it should.
    """
    environment = _environment(folder, requests_a_minute)
    home = folder / "vault"
    key, phrase = create_key_file(folder / "key", KeyFileRules(home)), generate_phrase()
    known = phrase.recovery_key_hash(0)
    asyncio.run(bootstrap.create(Settings(home=home), "Ada", [key, phrase], known))
    command = [sys.executable, "-m", "mnemosyne", "serve", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        try:
            line = b"" if process.stdout is None else process.stdout.readline()
            if not line:
                message = "the node did not start"
                raise UnansweredError(message)
            facts = json.loads(line)
            secret = facts["registration"]["url"].partition("#")[2]
            yield LiveNode(facts["url"], facts["port"], process.pid, secret)
            process.send_signal(signal.SIGINT)
            process.wait(_PATIENCE)
        finally:
            process.kill()
    if process.returncode:
        message = f"the node ended with {process.returncode}"
        raise UnansweredError(message)


def _environment(folder: Path, requests_a_minute: int | None) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("MNEMOSYNE_")}
    more = {
        "MNEMOSYNE_HOME": str(folder / "vault"),
        "MNEMOSYNE_CACHE": str(folder / "cache"),
        "MNEMOSYNE_RUNTIME": str(folder / "runtime"),
        "MNEMOSYNE_WEIGHTS": str(folder / "none"),
        "MNEMOSYNE_KEY_FILE": str(folder / "key"),
    }
    if requests_a_minute is not None:
        more["MNEMOSYNE_REQUESTS_A_MINUTE"] = str(requests_a_minute)
    return kept | more
