"""Serve the node to browsers and scripts, until it is told to stop."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from mnemosyne.cli import moments, options
from mnemosyne.cli.running import Shell, run, shell_of

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.accounts.enrolments import Enrolment
    from mnemosyne.application import Application
    from mnemosyne.cli.node import Listening, ServeChoices
    from mnemosyne.kit.principal import Principal

    Link = tuple[Enrolment, str]

DOCS: Final = "docs/api.md"
HOST_NAME: Final = "mnemosyne.localhost"
"""Its own name, apart from other servers on this machine: browsers take it for the machine itself,
as RFC 6761 §6.3 has it, without asking anybody."""

Host = Annotated[
    str | None,
    typer.Option(
        "--host", metavar="ADDRESS", help="Listen on this address instead of this machine alone."
    ),
]
Port = Annotated[
    int | None,
    typer.Option(
        "--port", metavar="NUMBER", min=0, max=65535, help="Usually 8760; 0 takes any that is free."
    ),
]
PublicUrl = Annotated[
    str | None,
    typer.Option("--public-url", metavar="URL", help="How people reach it: https://node.example."),
]
TlsCert = Annotated[
    Path | None,
    typer.Option("--tls-cert", metavar="FILE", help="The certificate and its chain, as PEM."),
]
TlsKey = Annotated[
    Path | None, typer.Option("--tls-key", metavar="FILE", help="The key of the certificate.")
]
BehindProxy = Annotated[
    list[str] | None,
    typer.Option(
        "--behind-proxy",
        metavar="ADDRESS",
        help="A proxy with TLS stands before it, at this address or network; may repeat.",
    ),
]
AllowOrigin = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-origin",
        metavar="ORIGIN",
        help="Let web pages of this origin resolve DIDs here; may repeat.",
    ),
]


def serve(
    context: typer.Context,
    *,
    host: Host = None,
    port: Port = None,
    public_url: PublicUrl = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    behind_proxy: BehindProxy = None,
    allow_origin: AllowOrigin = None,
    as_json: options.AsJson = False,
) -> None:
    """Serve your node to browsers and scripts until Control-C."""
    shell = shell_of(context)
    usual = shell.node.serve_choices()
    choices = replace(
        usual,
        host=usual.host if host is None else host,
        port=usual.port if port is None else port,
        public_url=usual.public_url if public_url is None else public_url,
        tls_cert=tls_cert,
        tls_key=tls_key,
        behind_proxy=tuple(behind_proxy or ()),
        allow_origin=tuple(allow_origin or ()),
    )

    async def work(app: "Application", me: "Principal") -> None:
        await _serve(shell, app, me, choices, as_json=as_json)

    shell.node.check_serve(choices)
    run(context, work)
    if not as_json:
        shell.page.line("Stopped. What was acknowledged is on the disk, and the vault is closed.")


def address_of(choices: "ServeChoices") -> str:
    """Return how the node is reached, or an empty text where its port is not known before."""
    if choices.public_url:
        return choices.public_url.rstrip("/")
    return f"http://{HOST_NAME}:{choices.port}" if choices.port else ""


async def _serve(
    shell: Shell,
    app: "Application",
    me: "Principal",
    choices: "ServeChoices",
    *,
    as_json: bool,
) -> None:
    async with shell.node.serve(app, choices) as served:
        # Whoever can become the first person is decided with the secret of the vault, and not
        # by a key that is held open for programs.
        wanted = served.facts.nobody_can_sign_in and not me.held
        link = await app.enrolments.link(me) if wanted else None
        if as_json:
            shell.page.document_line(_document(served.facts, link))
        else:
            _announce(shell, served.facts, link)
        await served.ended()


def _document(facts: "Listening", link: "Link | None") -> dict[str, object]:
    registration = None
    if link is not None:
        expires = link[0].expires_at.isoformat()
        registration = {"url": _registration(facts, link), "expires_at": expires}
    return {
        "url": facts.origin,
        "addresses": list(facts.addresses),
        "port": facts.port,
        "openapi": f"{facts.origin}/openapi.json",
        "nobody_can_sign_in": facts.nobody_can_sign_in,
        "registration": registration,
        "remarks": list(facts.remarks),
    }


def _announce(shell: Shell, facts: "Listening", link: "Link | None") -> None:
    page = shell.page
    page.line(f"The node answers at {facts.origin}")
    for remark in facts.remarks:
        page.warning(remark)
    page.rule()
    if link is not None:
        until = moments.show_at(link[0].expires_at, shell.node.zone)
        page.line("Nobody can sign in yet. Open this once, and make your passkey:")
        page.line(f"    {_registration(facts, link)}")
        page.line(f"It works until {until}. Whoever opens it becomes you on this node.")
        page.rule()
    elif facts.nobody_can_sign_in:
        page.line("Nobody can sign in yet. `mnemosyne account link` gives an address for that.")
        page.rule()
    page.fields(_rows(facts))
    page.space()
    page.hint(f"Control-C ends it. {DOCS} says how scripts use it.")


def _rows(facts: "Listening") -> list[tuple[str, str]]:
    return [
        ("listens on", f"{' and '.join(facts.addresses)}, port {facts.port}"),
        ("reference", f"{facts.origin}/reference"),
        ("inside", "the work that follows from captures and imports"),
        ("meanwhile", "the shell goes on working beside it; the vault is unlocked"),
    ]


def _registration(facts: "Listening", link: "Link") -> str:
    # After the “#” it reaches no server, no log and no Referer.
    return f"{facts.origin}/register#{link[1]}"
