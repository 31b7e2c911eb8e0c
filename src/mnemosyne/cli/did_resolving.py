"""Resolve DIDs here, serve them to programs on this machine, and export what test suites read."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from mnemosyne.cli import moments, options
from mnemosyne.cli.errors import OutputFileError
from mnemosyne.cli.output import Page, flat, said
from mnemosyne.cli.running import Shell, run, shell_of
from mnemosyne.kit.vault.durable_file import replace_durably

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.cli.node import Served
    from mnemosyne.identity.log import History
    from mnemosyne.identity.resolution import DereferencingResult, Resolved
    from mnemosyne.kit.principal import Principal

    Find = Callable[[str], Awaitable[History | None]]

PORT: Final = 8553
_ANYBODY: Final = "*"
_USES: Final = {
    "assertionMethod": "signs",
    "authentication": "proves who it is",
    "keyAgreement": "receives sealed texts",
}

Did = Annotated[str, typer.Argument(metavar="DID", help="A DID, or a DID URL in quotes.")]
VersionId = Annotated[
    str,
    typer.Option(
        "--version-id",
        metavar="VERSION",
        help="The document of this version: its number, its versionId or the end of that.",
    ),
]
VersionTime = Annotated[
    str,
    typer.Option(
        "--version-time",
        metavar="MOMENT",
        help="As it was at 2026-11-24T09:10:00Z, say, or at the end of a day.",
    ),
]
Port = Annotated[
    int,
    typer.Option("--port", metavar="NUMBER", min=0, max=65535, help="0 takes any that is free."),
]
Origins = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-origin", metavar="ORIGIN", help="Let web pages of this origin read; may repeat."
    ),
]
Examples = Annotated[
    bool, typer.Option("--examples", help="Published examples; no vault is opened.")
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="Write what the DID Resolution test suite reads."
    ),
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A folder; it is made if need be.")]
FromNode = Annotated[
    str,
    typer.Option(
        "--from", metavar="URL", help="Of your own DID, from your node, which serves already."
    ),
]
Own = Annotated[bool, typer.Option("--mine", help="Of your own DID instead of the examples.")]


def resolve(
    context: typer.Context,
    did: Did,
    *,
    version_id: VersionId = "",
    version_time: VersionTime = "",
    as_json: options.AsJson = False,
) -> None:
    """Show the document of a DID that is known here: yours, of a card you took, or a did:key."""
    import asyncio  # noqa: PLC0415 - `--help` waits for nothing

    from mnemosyne.identity.resolution import Resolver  # noqa: PLC0415

    shell = shell_of(context)
    moment = _moment(shell, version_time)

    async def work(app: "Application", me: "Principal") -> "DereferencingResult":
        find = partial(app.identities.find, me)
        version = await _version(find, did, version_id)
        return await Resolver(find, shell.node.now).dereference(did, _options(version, moment))

    if did.startswith("did:key:"):  # it is in itself; no vault has to be opened
        options = _options(version_id, moment)
        found = asyncio.run(Resolver(_unknown, shell.node.now).dereference(did, options))
    else:
        found = run(context, work)
    _show(shell, found, as_json=as_json)


def serve_resolver(
    context: typer.Context,
    *,
    port: Port = PORT,
    allow_origin: Origins = None,
    examples: Examples = False,
    config: Config = None,
    as_json: options.AsJson = False,
) -> None:
    """Answer DID resolution over HTTP on this machine until Control-C."""
    import asyncio  # noqa: PLC0415 - `--help` waits for nothing

    shell = shell_of(context)
    # The examples are of nobody, so every page may know them; of a person's own DIDs none may.
    origins = allow_origin or ([_ANYBODY] if examples else [])

    async def serve(app: "Application | None") -> None:
        async with shell.node.serve_resolver(app, port=port, origins=origins) as served:
            if config is not None:
                text = await asyncio.to_thread(_configuration, served)
                _write_private(config, text)
            _announce(shell.page, served, as_json=as_json)
            await shell.node.stopped()
        shell.page.step("Stopped.")

    if examples:
        asyncio.run(serve(None))
    else:
        run(context, lambda app, _: serve(app))


def export_suite(
    context: typer.Context,
    folder: Folder,
    *,
    mine: Own = False,
    node: FromNode = "",
    as_json: options.AsJson = False,
) -> None:
    """Ask a live resolver, over HTTP, and write what the W3C DID test suite reads."""
    import asyncio  # noqa: PLC0415 - `--help` waits for nothing

    shell = shell_of(context)

    async def export(app: "Application | None") -> Mapping[Path, str]:
        async with shell.node.serve_resolver(app, port=0, origins=()) as served:
            expected = f"http://127.0.0.1:{PORT}"  # where `serve-resolver` usually answers
            return await asyncio.to_thread(_files, served, expected)

    async def of_the_node(app: "Application", me: "Principal") -> Mapping[Path, str]:
        from mnemosyne.cli.node import Served, ServedDids  # noqa: PLC0415
        from mnemosyne.identity.examples import UNKNOWN  # noqa: PLC0415

        own = await app.identities.mine(me)
        served = Served(node.rstrip("/"), ServedDids(own.did, UNKNOWN))
        return await asyncio.to_thread(_files, served, served.url)

    _make(folder)  # before anything is asked that could not be written
    if node:
        files = run(context, of_the_node)
    else:
        files = run(context, lambda app, _: export(app)) if mine else asyncio.run(export(None))
    for name, text in files.items():
        _write(folder / name, text)
    if as_json:
        shell.page.document({"files": [str(folder / name) for name in files]})
        return
    shell.page.rule()
    for name in files:
        shell.page.line(flat(str(folder / name)))
    shell.page.hint("docs/resolver.md tells how the suites are run with them.")


def _options(version: str, moment: str) -> list[tuple[str, str]]:
    named = {"versionId": version, "versionTime": moment}
    return [(name, value) for name, value in named.items() if value]


def _moment(shell: Shell, text: str) -> str:
    """Return a moment as the resolver reads it, from any date that a person may write.

    Raises:
        DateUnclearError: it is none, or could be two.
    """
    from mnemosyne.identity.resolution_options import is_moment  # noqa: PLC0415 - see `resolve`

    if not text or is_moment(text):
        return text
    at = moments.end(text, shell.node.zone, shell.node.now())
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def _version(find: "Find", did: str, text: str) -> str:
    """Return the versionId that a person means, or what they wrote where nothing goes by it.

    Raises:
        AmbiguousVersionError: several versions are named so.
    """
    from mnemosyne.identity import naming  # noqa: PLC0415 - `--help` needs none

    history = await find(re.split("[/?#]", did, maxsplit=1)[0]) if text else None
    if history is None:
        return text
    entry = naming.only(naming.named(history.path, text), text)
    return text if entry is None else entry.version_id


async def _unknown(did: str) -> "History | None":
    del did
    return None


def _files(served: "Served", expected: str) -> Mapping[Path, str]:
    """Ask what is ``served`` and return the files; the second suite will ask at ``expected``."""
    from mnemosyne.cli import did_suite  # noqa: PLC0415 - `--help` waits for nothing
    from mnemosyne.cli.live_resolver import Live  # noqa: PLC0415

    live = Live(served.url, served.dids)
    configuration = did_suite.configuration(live, _endpoint(expected))
    return {
        **did_suite.export(live),
        did_suite.CONFIGURATION: did_suite.written(configuration),
    }


def _configuration(served: "Served") -> str:
    from mnemosyne.cli import did_suite  # noqa: PLC0415 - `--help` waits for nothing
    from mnemosyne.cli.live_resolver import Live  # noqa: PLC0415

    live = Live(served.url, served.dids)
    return did_suite.written(did_suite.configuration(live, _endpoint(served.url)))


def _endpoint(url: str) -> str:
    return f"{url}/1.0/identifiers"


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputFileError(folder, error.strerror or str(error)) from error


def _write(path: Path, text: str) -> None:
    _make(path.parent)
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise OutputFileError(path, error.strerror or str(error)) from error


def _write_private(path: Path, text: str) -> None:
    """Write a file that tells whose DIDs are served; no folder is made for it."""
    try:
        replace_durably(path, text.encode())
    except OSError as error:
        raise OutputFileError(path, error.strerror or str(error)) from error


def _announce(page: Page, served: "Served", *, as_json: bool) -> None:
    dids = served.dids
    if as_json:
        named = {"active": dids.active, "deactivated": dids.deactivated, "unknown": dids.unknown}
        page.document({"url": served.url, "endpoint": _endpoint(served.url), "dids": named})
        return
    page.line(f"The resolver answers on {served.url}, on this machine alone.")
    page.line("Control-C ends it.")
    page.rule()
    page.line(f"curl -s {_endpoint(served.url)}/{dids.active}")
    page.line(f"curl -s {served.url}/1.0/mnem/{dids.active}/log.jsonl")
    if dids.deactivated:
        page.line(f"curl -s {_endpoint(served.url)}/{dids.deactivated}")


def _show(shell: Shell, found: "DereferencingResult", *, as_json: bool) -> None:
    from mnemosyne.identity import resolution  # noqa: PLC0415 - `--help` needs none
    from mnemosyne.identity.resolving_errors import not_resolved  # noqa: PLC0415

    page = shell.page
    match found:
        case resolution.Unresolved(problem):
            raise not_resolved(problem)
        case resolution.ServiceAddress(url):
            if as_json:
                page.document({"url": url})
            else:
                page.line(said(flat(url)))
        case resolution.Dereferenced(content, _):
            page.document(dict(content))
        case resolution.Resolved() if as_json:
            page.document(
                {"didDocument": found.document, "didDocumentMetadata": dict(found.metadata)}
            )
        case resolution.Resolved():
            _show_resolved(page, shell.node.zone, found)


def _show_resolved(page: Page, zone: tzinfo, found: "Resolved") -> None:
    page.rule()
    page.line(Text(found.did, "id"))
    page.fields([*_facts(found, zone), *_keys(found), *_services(found)])
    if found.metadata.get("equivocation"):
        page.warning("Somebody wrote two histories of this DID. Trust it with nothing new.")
    if found.document is None:
        page.warning("It was deactivated: it has no keys and no services any more.")
    page.hint(f"mnemosyne did resolve {found.did} --json   shows all of it")


def _facts(found: "Resolved", zone: tzinfo) -> Iterator[tuple[str, str]]:
    metadata = found.metadata
    if "versionId" in metadata:
        yield "version", str(metadata["versionId"]).partition("-")[0]
    for name in ("created", "updated"):
        if name in metadata:
            at = datetime.fromisoformat(str(metadata[name]))
            yield name, moments.show_at(at, zone)
    if "nextVersionId" in metadata:
        yield "note", "There is a later version."


def _keys(found: "Resolved") -> Iterator[tuple[str, str]]:
    document = found.document or {}
    for method in document.get("verificationMethod", ()):
        fragment = str(method["id"]).rpartition("#")[2]
        uses = [
            said_of for name, said_of in _USES.items() if method["id"] in document.get(name, ())
        ]
        name = "key" if fragment == method["publicKeyMultibase"] else f"#{fragment}"[:24]
        yield name, f"{method['publicKeyMultibase']}  {', '.join(uses)}".rstrip()


def _services(found: "Resolved") -> Iterator[tuple[str, str]]:
    for service in (found.document or {}).get("service", ()):
        fragment = str(service["id"]).rpartition("#")[2]
        yield f"#{fragment}"[:24], flat(f"{service['type']}  {service['serviceEndpoint']}")
