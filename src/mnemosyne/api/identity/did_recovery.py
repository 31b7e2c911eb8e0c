"""Get your DID back with the phrase, rehearse that, put another phrase in its place, compare."""

from typing import Final

from pydantic import Field

from mnemosyne.api.identity.did import (
    DANGEROUS,
    MANAGES,
    PHRASES,
    READING,
    RECOVERING,
    WRITING,
)
from mnemosyne.api.identity.did_documents import (
    ConfirmedDid,
    MyDid,
    PlanDocument,
    RecoveredDid,
    RehearsalDocument,
)
from mnemosyne.api.identity.did_requests import (
    COPY,
    NOTHING_NEWER,
    ConfirmDid,
    PlanRecovery,
    RecoverDid,
    RehearsePhrase,
    ReplacePhrase,
    phrase_of,
    told_from_afar,
)
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document
from mnemosyne.application import Application
from mnemosyne.http.bodies import LARGEST_TEXTS
from mnemosyne.identity.service.recovery_case import RecoveryRequest
from mnemosyne.kit.principal import Principal
from mnemosyne.kit.vault.phrase import generate_phrase

_LOGS: Final = ("bad-card", "did-log", "invalid-did")

did_recovery = Operations("did")


class NewPhrase(Document):
    """A phrase that nothing knows yet, the node neither."""

    phrase: str = Field(description="24 words. Write them down before you use them.")


class ReplacedPhrase(Document):
    """What the new phrase is good for from now on."""

    did: MyDid | None = Field(description="None where there is no DID yet.")


@did_recovery.post(
    "/v1/did/confirm",
    admits=DANGEROUS,
    refuses=(
        *WRITING,
        *_LOGS,
        "did-foreign",
        "did-older",
        "did-newer-known",
        "did-copy-damaged",
    ),
    largest_body=LARGEST_TEXTS,
)
async def confirm_did(stated: ConfirmDid, caller: Caller, node: Node) -> ConfirmedDid:
    """Compare your DID with the newest card or log that there is; take over what is ahead."""
    with told_from_afar():
        if stated.newest == COPY:
            confirmed = await node.following.confirm_copy(caller)
        elif stated.newest == NOTHING_NEWER:
            confirmed = await node.following.confirm(caller, None)
        else:
            source = await node.following.read_source(stated.newest.encode())
            confirmed = await node.following.confirm(caller, source)
    adopted = [entry.version_id for entry in confirmed.adopted]
    return ConfirmedDid(did=MyDid.of(confirmed.mine), adopted=adopted)


@did_recovery.post(
    "/v1/did/recovery/plan",
    admits=MANAGES,
    refuses=(*READING, *RECOVERING, *_LOGS),
    largest_body=LARGEST_TEXTS,
)
async def plan_recovery(wanted: PlanRecovery, caller: Caller, node: Node) -> PlanDocument:
    """Show what a recovery would go back to and what it would drop; nothing is written."""
    with told_from_afar():
        request = await _request(wanted, caller, node)
        return PlanDocument.of(await node.recovery.plan(caller, request))


@did_recovery.post(
    "/v1/did/recovery",
    admits=DANGEROUS,
    refuses=(*WRITING, *RECOVERING, *PHRASES, *_LOGS),
    largest_body=LARGEST_TEXTS,
)
async def recover_did(wanted: RecoverDid, caller: Caller, node: Node) -> RecoveredDid:
    """Get your DID back with its phrase: new keys, and an entry that beats every other one."""
    phrase = phrase_of(wanted.phrase)
    with told_from_afar():
        request = await _request(wanted, caller, node)
        recovered = await node.recovery.recover(caller, phrase, request)
    return RecoveredDid(plan=PlanDocument.of(recovered.plan), did=MyDid.of(recovered.mine))


@did_recovery.post("/v1/did/recovery/rehearse", admits=DANGEROUS, refuses=(*READING, *PHRASES))
async def rehearse_recovery(tried: RehearsePhrase, caller: Caller, node: Node) -> RehearsalDocument:
    """Say whether a phrase would recover your DID, and opens the vault; nothing is written."""
    found = await node.recovery.rehearse(caller, phrase_of(tried.phrase))
    return RehearsalDocument(did=found.did, fits=found.fits, opens=found.opens)


@did_recovery.post("/v1/did/phrase/new", admits=MANAGES)
async def make_phrase(caller: Caller) -> NewPhrase:
    """Make 24 words that are good for nothing yet; nothing of them is kept.

    On paper first, then handed in with POST /v1/did or PUT /v1/did/phrase: so an answer that gets
    lost on the way loses nothing.
    """
    del caller
    return NewPhrase(phrase=" ".join(generate_phrase().words))


@did_recovery.put(
    "/v1/did/phrase",
    admits=DANGEROUS,
    refuses=(
        *WRITING,
        *RECOVERING,
        *PHRASES,
        "needs-secret",
        "vault-phrase",
    ),
)
async def replace_phrase(exchange: ReplacePhrase, caller: Caller, node: Node) -> ReplacedPhrase:
    """Put another phrase in the place of yours; where there is a DID, the old one signs for it.

    That of whoever made the vault opens it as well, and is exchanged in the shell alone.
    """
    new = phrase_of(exchange.new)
    old = None if exchange.old is None else phrase_of(exchange.old)
    with told_from_afar():
        there_is_one = await node.recovery.needs_old_phrase(caller)
        await node.recovery.replace_own_phrase(caller, new, old if there_is_one else None)
        mine = await node.identities.mine(caller) if there_is_one else None
    return ReplacedPhrase(did=None if mine is None else MyDid.of(mine))


async def _request(wanted: PlanRecovery, caller: Principal, node: Application) -> RecoveryRequest:
    version, newest = wanted.version.strip(), wanted.newest
    if newest == COPY:
        return RecoveryRequest(version, await node.following.copied(caller))
    if newest is None or newest == NOTHING_NEWER:
        return RecoveryRequest(version, None, newest is not None)
    return RecoveryRequest(version, await node.following.read_source(newest.encode()))
