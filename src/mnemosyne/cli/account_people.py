"""Who is on this node: yourself, the others, who may join, and what restricts processing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from mnemosyne.cli import moments, options, showing
from mnemosyne.cli.acting import Person, acting_for, one_of
from mnemosyne.cli.output import flat, said
from mnemosyne.cli.running import Shell, Work, run, shell_of
from mnemosyne.cli.serving import PublicUrl, address_of

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.accounts.enrolments import Enrolment
    from mnemosyne.accounts.people import Account
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal

    Counts = dict[str, int]
    Handed = tuple[Enrolment, str, str]
    """What was handed out, its secret, and the origin of the node that runs, or ""."""

Name = Annotated[str, typer.Argument(metavar="NAME", help="What they are called here.")]
Invitation = Annotated[
    str, typer.Argument(metavar="INVITATION", help="Its identifier, or the end of it.")
]


def show(context: typer.Context, *, person: Person = "", as_json: options.AsJson = False) -> None:
    """Show who you are on this node, and how many ways in you have."""
    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> "tuple[Account, Counts, bool]":
        counts = {
            "passkeys": len(await app.passkeys.all(me)),
            "recovery codes": (await app.recovery_codes.left(me)).left,
            "sessions": len(await app.sessions.all(me)),
            "tokens": len(await app.tokens.all(me)),
        }
        return await app.people.account(me), counts, await app.recovery_codes.set_up(me)

    account, counts, set_up = run(context, acting_for(person, work))
    if as_json:
        named = {name.replace(" ", "_"): count for name, count in counts.items()}
        shell.page.document(_document(account) | named | {"set_up": set_up})
        return
    _show(shell, account, [(name, f"{count:,}") for name, count in counts.items()])
    if counts["passkeys"] and not set_up:
        shell.page.warning(
            "Set-up has not ended: nobody has said to keep the recovery codes, and there is no "
            "second passkey. Signed in, under “Your ways in”, a new set can be made."
        )
    shell.page.hint(
        "mnemosyne account link   lets you make a passkey"
        if not counts["passkeys"]
        else "mnemosyne account sessions   shows where you are signed in"
    )


def rename(
    context: typer.Context, name: Name, *, person: Person = "", as_json: options.AsJson = False
) -> None:
    """Be called something else on this node."""
    _account(context, person, as_json, lambda app, me: app.people.rename(me, name))


def restrict(
    context: typer.Context, *, person: Person = "", as_json: options.AsJson = False
) -> None:
    """Have nothing done with what is yours, until you lift it; everything stays stored."""
    _account(context, person, as_json, lambda app, me: app.people.restrict(me))


def unrestrict(context: typer.Context, *, as_json: options.AsJson = False) -> None:
    """Lift your restriction: what waited goes on. That of others only they can lift."""
    _account(context, "", as_json, lambda app, me: app.people.unrestrict(me))


def people(context: typer.Context, *, as_json: options.AsJson = False) -> None:
    """Show who is on this node."""
    shell = shell_of(context)
    found = run(context, lambda app, me: app.people.everyone(me))
    if as_json:
        rows = [
            {"name": each.name, "created_at": each.created_at.isoformat(), "first": each.first}
            for each in found
        ]
        shell.page.document({"people": rows})
        return
    shell.page.rule()
    zone = shell.node.zone
    shell.page.fields(
        [
            (
                flat(each.name),
                f"since {moments.show_at(each.created_at, zone)}" + _whose(each.first),
            )
            for each in found
        ]
    )
    shell.page.hint("mnemosyne account invite Grace")


def link(
    context: typer.Context,
    *,
    person: Person = "",
    public_url: PublicUrl = None,
    as_json: options.AsJson = False,
) -> None:
    """Print a one-time address to make a passkey: the first one, or after all were lost."""
    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> "Handed":
        made, secret = await app.enrolments.link(me, person)
        return made, secret, _serving(app)

    made, secret, serving = run(context, work)
    address = f"{_origin(shell, public_url, serving)}/register#{secret}"
    if as_json:
        shell.page.document(_enrolment(made) | {"address": address})
        return
    page = shell.page
    whom = "them" if person else "you"
    page.line("Open this once, and make a passkey:")
    page.line(f"    {address}")
    _until(shell, made)
    page.line(f"Whoever opens it becomes {whom} on this node. An earlier one works no more.")
    _warn(shell, address, serving)
    page.hint("mnemosyne account passkeys" if serving else "mnemosyne serve   has to run meanwhile")


def invite(
    context: typer.Context,
    name: Name,
    *,
    public_url: PublicUrl = None,
    as_json: options.AsJson = False,
) -> None:
    """Invite somebody to this node, and say what both of you should know."""
    from mnemosyne.accounts.invitations import WHO_CAN_READ  # noqa: PLC0415 - brings the database

    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> "Handed":
        made, secret = await app.enrolments.invite(me, name)
        return made, secret, _serving(app)

    made, secret, serving = run(context, work)
    address = f"{_origin(shell, public_url, serving)}/invite#{secret}"
    if as_json:
        shell.page.document(_enrolment(made) | {"address": address, "who_can_read": WHO_CAN_READ})
        return
    page = shell.page
    page.line("For ", said(flat(made.name)), ", to open once:")
    page.line(f"    {address}")
    _until(shell, made)
    page.body_text(WHO_CAN_READ)
    _warn(shell, address, serving)
    page.hint("mnemosyne account invitations")


def invitations(context: typer.Context, *, as_json: options.AsJson = False) -> None:
    """Show the invitations that are still good, and a link that was made for you."""
    shell = shell_of(context)
    found = run(context, lambda app, me: app.enrolments.all(me))
    if as_json:
        shell.page.document({"invitations": [_enrolment(each) for each in found]})
        return
    if not found:
        shell.page.line("Nobody holds an invitation.")
        shell.page.hint("mnemosyne account invite Grace")
        return
    shell.page.rule()
    zone = shell.node.zone
    rows = [
        (
            showing.short(each.id),
            f"{each.kind}  {flat(each.name)}  until {moments.show_at(each.expires_at, zone)}",
        )
        for each in found
    ]
    shell.page.fields(rows)
    shell.page.hint(f"mnemosyne account revoke-invitation {showing.short(found[0].id)}")


def revoke_invitation(
    context: typer.Context, invitation: Invitation, *, as_json: options.AsJson = False
) -> None:
    """Let an invitation be good for nothing from now on."""
    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> "Enrolment":
        from mnemosyne.accounts.invitations import InvitationNotFoundError  # noqa: PLC0415

        missing = InvitationNotFoundError(invitation)
        found = one_of(await app.enrolments.all(me), invitation, missing)
        await app.enrolments.revoke(me, found.id)
        return found

    revoked = run(context, work)
    if as_json:
        shell.page.document({"revoked": _enrolment(revoked)})
        return
    shell.page.line("Revoked. Whoever holds it is not let in.")
    shell.page.hint("mnemosyne account invitations")


def _account(context: typer.Context, person: str, as_json: bool, work: Work["Account"]) -> None:
    shell = shell_of(context)
    account = run(context, acting_for(person, work))
    if as_json:
        shell.page.document(_document(account))
        return
    _show(shell, account)
    if account.restricted_since and person:
        shell.page.line("Only ", said(flat(account.name)), " can lift it, signed in.")
        return
    shell.page.hint(
        "mnemosyne account unrestrict" if account.restricted_since else "mnemosyne account show"
    )


def _show(shell: Shell, account: "Account", more: Sequence[tuple[str, str]] = ()) -> None:
    page, zone = shell.page, shell.node.zone
    page.line(said(flat(account.name)), _whose(account.first))
    page.rule()
    rows = [("since", moments.show_at(account.created_at, zone))]
    if account.restricted_since:
        rows.append(("restricted", f"since {moments.show_at(account.restricted_since, zone)}"))
    page.fields([*rows, *more])
    if account.restricted_since:
        page.line(
            "Everything is stored and can be read, exported and erased; nothing else is done."
        )


def _whose(first: object) -> str:
    return ", whose node this is" if first else ""


def _until(shell: Shell, made: "Enrolment") -> None:
    shell.page.line(f"It works until {moments.show_at(made.expires_at, shell.node.zone)}.")


def _serving(app: "Application") -> str:
    """Return where a node answers that runs on this vault, or an empty text where none does."""
    origins = [user.origin for user in app.lock.users() if user.origin]
    return origins[-1] if origins else ""


def _origin(shell: Shell, public_url: str | None, serving: str) -> str:
    """Return where the node is reached: as was said, as the one that runs is, or as `serve` says.

    Raises:
        AddressUnusableError: what was given is none that a browser keeps a passkey for.
    """
    from mnemosyne.http.address import Address  # noqa: PLC0415 - `--help` needs no address

    wanted = public_url or serving or address_of(shell.node.serve_choices())
    return Address.parse(wanted).origin


def _warn(shell: Shell, address: str, serving: str) -> None:
    """Say where the node that runs is reached elsewhere than the settings or the address say."""
    usual = address_of(shell.node.serve_choices())
    if serving and not address.startswith(f"{serving}/"):
        shell.page.warning(f"The node that runs answers at {serving}, and nowhere else.")
    elif serving and usual and usual != serving:
        shell.page.warning(
            f"The node that runs answers at {serving}; the settings say {usual}. Keep it running "
            "there until this was opened."
        )


def _document(account: "Account") -> dict[str, object]:
    return {
        "id": account.id,
        "name": account.name,
        "created_at": account.created_at.isoformat(),
        "first": account.first,
        "restricted_since": moments.written(account.restricted_since),
    }


def _enrolment(made: "Enrolment") -> dict[str, object]:
    return {
        "id": made.id,
        "kind": made.kind.value,
        "name": made.name,
        "created_at": made.created_at.isoformat(),
        "expires_at": made.expires_at.isoformat(),
    }
