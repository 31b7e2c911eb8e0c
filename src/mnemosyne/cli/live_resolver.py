"""A live resolver, asked over HTTP as any other program would ask it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import quote, urlsplit

from mnemosyne.cli.node import ServedDids
from mnemosyne.identity.errors import DeactivatedDidError
from mnemosyne.identity.representations import DEREFERENCING, RESOLUTION

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


class Live:
    """A resolver that answers on a loopback address, asked over HTTP.

    Raises:
        DeactivatedDidError: the DID has no document that could be exported.
    """

    def __init__(self, url: str, dids: ServedDids) -> None:
        self._address = urlsplit(url).netloc
        self.dids = dids
        first = self.resolution(dids.active)["didDocumentMetadata"]
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
        connection = HTTPConnection(self._address, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request("GET", target, headers={"Accept": accept})
            response = connection.getresponse()
            text = response.read().decode("utf-8")
            media_type = response.getheader("Content-Type", "").partition(";")[0]
            location = response.getheader("Location", "")
            return Answer(response.status, media_type, location, text)
        finally:
            connection.close()

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
