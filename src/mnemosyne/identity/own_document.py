"""The parts of one's own document: which keys it names, and how a change makes it another one."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from mnemosyne.identity.document import (
    LONGEST_TYPE,
    Service,
    VerificationMethod,
    build_document,
)
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.model import Difference, DocumentChange
from mnemosyne.identity.refusals import DocumentChangeError
from mnemosyne.identity.syntax import is_fragment
from mnemosyne.identity.web_urls import is_plain, is_uri, is_web_address, too_long

NODE_SERVICE: Final = "node"
NODE_SERVICE_TYPE: Final = "MnemosyneNode"
_NUMBERED: Final = re.compile(r"(sig|enc|node)-([1-9][0-9]{0,8})")
_KEY_NAMES: Final = ("sig-", "enc-", "node-", "mls-")


@dataclass(frozen=True, slots=True)
class Parts:
    """What an own document is built of."""

    signing: tuple[VerificationMethod, ...] = ()
    agreement: tuple[VerificationMethod, ...] = ()
    node: tuple[VerificationMethod, ...] = ()
    devices: tuple[VerificationMethod, ...] = ()
    services: tuple[Service, ...] = ()
    also_known_as: tuple[str, ...] = ()


def parts_of(state: Mapping[str, Any]) -> Parts:
    """Return the parts of an own document that was checked."""
    methods = tuple(
        VerificationMethod(_fragment(each["id"]), each["publicKeyMultibase"])
        for each in state.get("verificationMethod", ())
    )
    signing, agreement, node, devices = (
        tuple(each for each in methods if each.fragment.startswith(name)) for name in _KEY_NAMES
    )
    services = tuple(
        Service(_fragment(each["id"]), each["type"], each["serviceEndpoint"])
        for each in state.get("service", ())
    )
    names = tuple(state.get("alsoKnownAs", ()))
    return Parts(signing, agreement, node, devices, services, names)


def built(did: str, parts: Parts) -> dict[str, Any]:
    """Return the document of ``did`` that is made of ``parts``."""
    return build_document(
        did,
        signing=parts.signing,
        agreement=parts.agreement,
        node=parts.node,
        devices=parts.devices,
        services=parts.services,
        also_known_as=parts.also_known_as,
    )


def next_number(states: Iterable[Mapping[str, Any]], kind: str) -> int:
    """Return a number that no key of a kind ever had, in whatever entry it stood.

    Nullified and rival entries count: a name that once meant a thief's key means no other one.
    """
    used = [
        int(found[2])
        for state in states
        for method in state.get("verificationMethod", ())
        if (found := _NUMBERED.fullmatch(_fragment(method["id"]))) and found[1] == kind
    ]
    return max(used, default=0) + 1


def applied(parts: Parts, change: DocumentChange) -> Parts:
    """Return the parts with the services and identifiers that a person wants.

    Raises:
        DocumentChangeError: what is to be removed is not there, or what is to be added is none.
    """
    services = {each.fragment: each for each in parts.services}
    for fragment in change.remove_services:
        name = fragment.removeprefix("#")
        if services.pop(name, None) is None:
            raise DocumentChangeError(
                f"the document names no service #{name[:64]}",
                f"Its services are: {', '.join(f'#{each}' for each in services) or 'none'}.",
                "`mnemosyne did show` shows the document.",
            )
    wanted = [*change.add_services]
    if change.node_endpoint:
        wanted.append((NODE_SERVICE, NODE_SERVICE_TYPE, change.node_endpoint))
    for fragment, kind, endpoint in wanted:
        name = fragment.removeprefix("#")
        _check_service(name, kind, endpoint)
        services[name] = Service(name, kind, endpoint)
    names = _without(parts.also_known_as, change.not_known_as, "identifier")
    return replace(
        parts,
        services=tuple(services.values()),
        also_known_as=_with(names, change.also_known_as, _check_uri),
    )


def applied_mirrors(mirrors: Sequence[str], change: DocumentChange) -> tuple[str, ...]:
    """Return the mirrors that a person wants.

    Raises:
        DocumentChangeError: one to be removed is not there, or one to be added is no https URL.
    """
    left = _without(tuple(mirrors), change.remove_mirrors, "mirror")
    return _with(left, change.mirrors, _check_mirror)


def differences(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    mirrors_before: Sequence[str] = (),
    mirrors_after: Sequence[str] = (),
) -> tuple[Difference, ...]:
    """Return what a change takes out of a document, then what it adds."""
    old = [*_facts(before), *(("mirror", url) for url in mirrors_before)]
    new = [*_facts(after), *(("mirror", url) for url in mirrors_after)]
    gone = [Difference(added=False, what=what, value=value) for what, value in old]
    come = [Difference(added=True, what=what, value=value) for what, value in new]
    return tuple(
        [each for each in gone if (each.what, each.value) not in new]
        + [each for each in come if (each.what, each.value) not in old]
    )


def differences_of(entries: Sequence[Entry], entry: Entry) -> tuple[Difference, ...]:
    """Return what an entry of a log changed in the document that stood before it."""
    known = {each.version_id: each for each in entries}
    before = known.get(entry.previous or "")
    if before is None:
        return ()
    return differences(
        before.state, entry.state, _mirrors_at(known, before), _mirrors_at(known, entry)
    )


def _mirrors_at(known: Mapping[str, Entry], entry: Entry) -> Sequence[str]:
    """Return the mirrors that hold after an entry: of the newest one before it that states any."""
    at: Entry | None = entry
    while at is not None:
        if at.parameters.mirrors is not None:
            return at.parameters.mirrors
        at = known.get(at.previous or "")
    return ()


def _facts(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for method in state.get("verificationMethod", ()):
        yield f"#{_fragment(method['id'])}", method["publicKeyMultibase"]
    for service in state.get("service", ()):
        yield f"#{_fragment(service['id'])}", f"{service['type']} {service['serviceEndpoint']}"
    for name in state.get("alsoKnownAs", ()):
        yield "also known as", name


def _without(present: tuple[str, ...], gone: Sequence[str], what: str) -> tuple[str, ...]:
    for each in gone:
        if each not in present:
            raise DocumentChangeError(
                f"the DID has no {what} “{each[:80]}”",
                f"It has: {', '.join(present) or 'none'}.",
                "`mnemosyne did show` shows what it has.",
            )
    return tuple(each for each in present if each not in gone)


def _with(
    present: tuple[str, ...], fresh: Sequence[str], check: Callable[[str], None]
) -> tuple[str, ...]:
    for each in fresh:
        check(each)
    return tuple(dict.fromkeys((*present, *fresh)))


def _check_service(fragment: str, kind: str, endpoint: str) -> None:
    if not is_fragment(fragment) or fragment.startswith(_KEY_NAMES):
        raise DocumentChangeError(
            f"“{fragment[:64]}” cannot name a service",
            "A name has 1 to 64 letters, digits, “-” or “_”, and is none of the keys’.",
            "Take a word such as blog.",
        )
    if not is_plain(kind) or len(kind) > LONGEST_TYPE:
        raise DocumentChangeError(
            f"“{kind[:80]}” is no type of a service",
            "Programs find what they can use by its type, which is one word.",
            'Write it as "blog LinkedDomains https://ada.example".',
        )
    _check_address(endpoint, "service")


def _check_mirror(url: str) -> None:
    _check_address(url, "mirror")


def _check_address(url: str, what: str) -> None:
    if too_long(url) or not is_web_address(url):
        raise DocumentChangeError(
            f"“{url[:80]}” is no address of a {what}",
            "It is an https URL of up to 2,048 bytes, or http on this machine, without a name, a "
            "password or a fragment: everybody can read it.",
            "Write it as https://ada.example/.",
        )


def _check_uri(uri: str) -> None:
    if too_long(uri) or not is_uri(uri):
        raise DocumentChangeError(
            f"“{uri[:80]}” is no identifier that a document can name",
            "It is a URI of up to 2,048 bytes, such as a DID or the address of a page of yours.",
            "Write it as https://ada.example/ or did:web:ada.example.",
        )


def _fragment(identifier: str) -> str:
    return identifier.rsplit("#", 1)[1]
