"""A live resolver, asked over HTTP as any other program would ask it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import quote, urlsplit

from mnemosyne.cli.node import ServedDids
from mnemosyne.identity.errors import DeactivatedDidError
from mnemosyne.identity.representations import DEREFERENCING, RESOLUTION
from mnemosyne.kit.errors import MnemosyneError

_TIMEOUT_SECONDS: Final = 10
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    media_type: str
    location: str
    text: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """The body as JSON."""
        return json.loads(self.text)


class ResolverSilentError(MnemosyneError):
    """Where a resolver should answer, none does."""

    code = "resolver-silent"

    def __init__(self, url: str, why: str) -> None:
        super().__init__(
            f"no resolver answers at {url[:200]}",
            why=f"{why}.",
            hint="Is `mnemosyne serve` running? Give the address that it prints.",
        )
        self.url = url


class Live:
    """A resolver that answers at ``url``, asked over HTTP.

    Raises:
        ResolverSilentError: none does, or it does not know the DID.
        DeactivatedDidError: the DID has no document that could be exported.
    """

    def __init__(self, url: str, dids: ServedDids) -> None:
        self._url = url
        self._scheme, self._host = _parts(url)
        self.dids = dids
        first = self._first()
        if first.get("deactivated"):
            raise DeactivatedDidError(dids.active)
        self.created = str(first["created"])
        genesis = self.resolution(dids.active, {"versionTime": self.created})
        self.genesis = str(genesis["didDocumentMetadata"]["versionId"])
        self.version = str(first["versionId"])

    def ask(self, identifier: str, accept: str, options: Mapping[str, str] | None = None) -> Answer:
        """Return the answer to a GET for a DID or DID URL, percent-encoded as options ask for."""
        query = "&".join(f"{name}={quote(text)}" for name, text in (options or {}).items())
        target = f"/1.0/identifiers/{quote(identifier, safe='')}" + (query and f"?{query}")
        try:
            connection = self._connection()
        except ValueError as error:
            raise ResolverSilentError(self._url, str(error)) from error
        try:
            connection.request("GET", target, headers={"Accept": accept, "Host": self._host})
            response = connection.getresponse()
            text = response.read().decode("utf-8")
            media_type = response.getheader("Content-Type", "").partition(";")[0]
            location = response.getheader("Location", "")
            return Answer(response.status, media_type, location, text)
        except (OSError, HTTPException, ValueError) as error:
            raise ResolverSilentError(self._url, str(error) or type(error).__name__) from error
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        """Return a connection; every name below localhost is this machine (RFC 6761 §6.3)."""
        address = urlsplit(f"//{self._host}")
        name = address.hostname or ""
        ours = name == "localhost" or name.endswith(".localhost")
        if self._scheme == "https":
            return HTTPSConnection(name, address.port, timeout=_TIMEOUT_SECONDS)
        return HTTPConnection("127.0.0.1" if ours else name, address.port, timeout=_TIMEOUT_SECONDS)

    def _first(self) -> Document:
        """Return what the resolver says of the DID, or why it is none that can be asked."""
        answer = self.ask(self.dids.active, RESOLUTION)
        if answer.status not in {HTTPStatus.OK, HTTPStatus.GONE}:
            raise ResolverSilentError(
                self._url, f"It answers {answer.status} of {self.dids.active}"
            )
        return dict(answer.json["didDocumentMetadata"])

    def resolution(self, did: str, options: Mapping[str, str] | None = None) -> Document:
        """Return the whole result of a resolution."""
        return dict(self.ask(did, RESOLUTION, options).json)

    def parameters(self) -> dict[str, str]:
        """Return an example DID URL for each parameter that the DID has a use for."""
        did = self.dids.active
        found = {
            "versionId": f"{did}?versionId={self.version}",
            "versionTime": f"{did}?versionTime={self.created}",
        }
        if service := self.service():
            found["service"] = f"{did}?service={service}"
            found["relativeRef"] = f"{did}?service={service}&relativeRef=%2Fdiary%2F2026.txt"
        return found

    def service(self) -> str:
        """Return the name of a service whose address is one of the web, nothing if none is."""
        document = self.resolution(self.dids.active)["didDocument"]
        for each in document.get("service", ()):
            name = str(each["id"]).rpartition("#")[2]
            if self.ask(f"{self.dids.active}?service={name}", DEREFERENCING).location:
                return name
        return ""

    def fragment(self) -> str:
        """Return the DID URL of the first verification method."""
        document = self.resolution(self.dids.active)["didDocument"]
        return str(document["verificationMethod"][0]["id"])


def _parts(url: str) -> tuple[str, str]:
    """Return the scheme of an address, and the host with its port.

    Raises:
        ResolverSilentError: nothing can be there.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ResolverSilentError(url, str(error)) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ResolverSilentError(url, "It is no http or https address")
    return parts.scheme, parts.netloc
