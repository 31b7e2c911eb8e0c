"""Your ways in over HTTP: tokens of scripts, passkeys, and the browsers you are signed in with."""

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Annotated

import typer

from mnemosyne.cli import moments, options, showing
from mnemosyne.cli.acting import Person, acting_for, one_of
from mnemosyne.cli.errors import NotConfirmedError
from mnemosyne.cli.output import flat, said
from mnemosyne.cli.running import run, shell_of
from mnemosyne.kit.principal import Scope

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.accounts.access_tokens import Token
    from mnemosyne.accounts.store_passkeys import Passkey
    from mnemosyne.accounts.store_sessions import Session
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal

Name = Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")]
Scopes = Annotated[
    list[str] | None,
    typer.Option(
        "--scope",
        metavar="SCOPE",
        help="What it may do, such as memory:read or memory:write; repeat it for several.",
    ),
]
Days = Annotated[
    int,
    typer.Option(
        "--days", metavar="NUMBER", min=1, max=365, help="After how many days it expires."
    ),
]
TokenReference = Annotated[
    str, typer.Argument(metavar="TOKEN", help="Its identifier, or the end of it.")
]
SessionReference = Annotated[
    str, typer.Argument(metavar="SESSION", help="Its identifier, or the end of it.")
]
Everywhere = Annotated[bool, typer.Option("--all", help="Every session.")]


def tokens(context: typer.Context, *, person: Person = "", as_json: options.AsJson = False) -> None:
    """Show the tokens of your scripts."""
    shell = shell_of(context)
    found = run(context, acting_for(person, lambda app, me: app.tokens.all(me)))
    if as_json:
        shell.page.document({"tokens": [_token(each) for each in found]})
        return
    if not found:
        shell.page.line("No script has a token.")
        shell.page.hint("mnemosyne account token backup-script --scope memory:read")
        return
    shell.page.rule()
    zone, now = shell.node.zone, shell.node.now()
    shell.page.fields([(showing.short(each.id), _told(each, zone, now)) for each in found])
    shell.page.hint(f"mnemosyne account revoke-token {showing.short(found[0].id)}")


def token(
    context: typer.Context,
    name: Name,
    *,
    scope: Scopes = None,
    days: Days = 90,
    person: Person = "",
    as_json: options.AsJson = False,
) -> None:
    """Make a token for a script; it is shown once."""
    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> "tuple[Token, str]":
        return await app.tokens.create(me, name, _scopes(scope or ()), timedelta(days=days))

    made, secret = run(context, acting_for(person, work))
    if as_json:
        shell.page.document(_token(made) | {"secret": secret})
        return
    page = shell.page
    page.line("For ", said(flat(made.name)), ", shown now and never again:")
    page.line(f"    {secret}")
    page.line(f"It carries {' and '.join(sorted(made.scopes))},")
    page.line(f"until {moments.show_at(made.expires_at, shell.node.zone)}.")
    page.hint("mnemosyne account tokens")


def revoke_token(
    context: typer.Context,
    token: TokenReference,
    *,
    person: Person = "",
    as_json: options.AsJson = False,
) -> None:
    """Let a token be good for nothing from now on."""
    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> "Token":
        from mnemosyne.accounts.token_errors import TokenNotFoundError  # noqa: PLC0415

        found = one_of(await app.tokens.all(me), token, TokenNotFoundError(token))
        await app.tokens.revoke(me, found.id)
        return found

    revoked = run(context, acting_for(person, work))
    if as_json:
        shell.page.document({"revoked": _token(revoked)})
        return
    shell.page.line("Revoked: ", said(flat(revoked.name)))
    shell.page.hint("mnemosyne account tokens")


def passkeys(
    context: typer.Context, *, person: Person = "", as_json: options.AsJson = False
) -> None:
    """Show your passkeys."""
    shell = shell_of(context)
    found = run(context, acting_for(person, lambda app, me: app.passkeys.all(me)))
    if as_json:
        shell.page.document({"passkeys": [_passkey(each) for each in found]})
        return
    if not found:
        shell.page.line("There is no passkey.")
        shell.page.hint("mnemosyne account link")
        return
    shell.page.rule()
    zone = shell.node.zone
    shell.page.fields([(showing.short(each.id), _of_passkey(each, zone)) for each in found])
    shell.page.hint("mnemosyne account link   lets you make another")


def sessions(
    context: typer.Context, *, person: Person = "", as_json: options.AsJson = False
) -> None:
    """Show the browsers in which you are signed in."""
    shell = shell_of(context)
    found = run(context, acting_for(person, lambda app, me: app.sessions.all(me)))
    if as_json:
        shell.page.document({"sessions": [_session(each) for each in found]})
        return
    if not found:
        shell.page.line("You are signed in nowhere.")
        shell.page.hint("mnemosyne serve")
        return
    shell.page.rule()
    zone = shell.node.zone
    shell.page.fields([(showing.short(each.id), _of_session(each, zone)) for each in found])
    shell.page.hint(f"mnemosyne account sign-out {showing.short(found[0].id)}")


def sign_out(
    context: typer.Context,
    session: SessionReference = "",
    *,
    everywhere: Everywhere = False,
    person: Person = "",
    as_json: options.AsJson = False,
) -> None:
    """End a session, or with --all every one."""
    shell = shell_of(context)
    if bool(session) == everywhere:
        raise NotConfirmedError("nobody was signed out", "Name one session, or use --all.")

    async def work(app: "Application", me: "Principal") -> int:
        from mnemosyne.accounts.sessions import SessionNotFoundError  # noqa: PLC0415

        if everywhere:
            return await app.sessions.revoke_others(me, "")
        found = one_of(await app.sessions.all(me), session, SessionNotFoundError(session))
        await app.sessions.revoke(me, found.id)
        return 1

    ended = run(context, acting_for(person, work))
    if as_json:
        shell.page.document({"ended": ended})
        return
    shell.page.line(f"Ended: {ended:,} session{'' if ended == 1 else 's'}.")
    shell.page.hint("mnemosyne account sessions")


def _scopes(given: Iterable[str]) -> list[Scope]:
    from mnemosyne.accounts.token_errors import TokenScopesError  # noqa: PLC0415 - as above
    from mnemosyne.accounts.tokens import GRANTABLE  # noqa: PLC0415 - brings the database

    try:
        return [Scope(each.strip().lower()) for words in given for each in words.split(",")]
    except ValueError as error:
        raise TokenScopesError(GRANTABLE) from error


def _told(each: "Token", zone: tzinfo, now: datetime) -> str:
    ends = moments.show_at(each.expires_at, zone)
    last = "never" if each.last_used_at is None else moments.show_at(each.last_used_at, zone)
    over = "expired" if each.expires_at <= now else "until"
    return f"{flat(each.name)}  {', '.join(sorted(each.scopes))}  {over} {ends}  used {last}"


def _of_passkey(each: "Passkey", zone: tzinfo) -> str:
    last = "never" if each.last_used_at is None else moments.show_at(each.last_used_at, zone)
    synced = "synced" if each.backed_up else "on one device"
    return f"{flat(each.name)}  {flat(each.rp_id)}  {synced}  used {last}"


def _of_session(each: "Session", zone: tzinfo) -> str:
    from mnemosyne.accounts.device_names import device_name  # noqa: PLC0415 - seldom needed

    seen = moments.show_at(each.last_seen_at, zone)
    return f"{device_name(each.device)}  {each.kind}  seen {seen}"


def _token(each: "Token") -> dict[str, object]:
    return {
        "id": each.id,
        "name": each.name,
        "scopes": sorted(each.scopes),
        "created_at": each.created_at.isoformat(),
        "expires_at": each.expires_at.isoformat(),
        "last_used_at": moments.written(each.last_used_at),
    }


def _passkey(each: "Passkey") -> dict[str, object]:
    return {
        "id": each.id,
        "name": each.name,
        "host": each.rp_id,
        "backed_up": each.backed_up,
        "created_at": each.created_at.isoformat(),
        "last_used_at": moments.written(each.last_used_at),
    }


def _session(each: "Session") -> dict[str, object]:
    return {
        "id": each.id,
        "kind": each.kind.value,
        "device": each.device,
        "created_at": each.created_at.isoformat(),
        "expires_at": each.expires_at.isoformat(),
        "last_seen_at": each.last_seen_at.isoformat(),
    }
