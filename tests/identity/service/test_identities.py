from datetime import timedelta

import pytest

from mnemosyne.cli import did_showing
from mnemosyne.identity import cards
from mnemosyne.identity.errors import DeactivatedDidError
from mnemosyne.identity.keys_in_force import key_at
from mnemosyne.identity.model import DocumentChange, Rotated
from mnemosyne.identity.refusals import (
    ClockBehindError,
    DidExistsError,
    DocumentChangeError,
    NoDidError,
)
from mnemosyne.identity.service.recovery_case import RecoveryRequest
from mnemosyne.kit.crypto.multikey import decode_multikey, encode_multikey
from mnemosyne.kit.crypto.signing import verify
from mnemosyne.kit.principal import MissingScopeError, Principal, Scope
from mnemosyne.kit.vault import identity as vault
from mnemosyne.kit.vault import node_keys
from mnemosyne.kit.vault.keyring import KeyKind, Keyring
from tests.identity.people import Someone
from tests.requirements import requirement

EVERY_KEY = frozenset(Rotated)
KEYRING = Keyring()


async def held(who: Someone, kind: KeyKind) -> tuple[str, ...]:
    return await who.database.read(lambda tx: KEYRING.held(tx, who.principal.person, kind))


@requirement("identity.create")
async def test_a_did_is_made_offline_with_its_keys_and_the_phrase_as_its_recovery(
    ada: Someone,
) -> None:
    mine = await ada.identities.create(ada.principal)

    history = mine.history
    assert mine.did == history.did
    assert (history.epoch, len(history.path)) == (0, 1)
    assert history.in_force.recovery_key_hashes == (ada.phrase.recovery_key_hash(0),)
    methods = {
        each["id"].rsplit("#")[1]: each["publicKeyMultibase"]
        for each in (history.document or {})["verificationMethod"]
    }
    node = await ada.database.read(lambda tx: vault.load(tx).node_key.public)
    assert set(methods) == {"sig-1", "enc-1", "node-1"}
    assert methods["node-1"] == encode_multikey(node)
    assert await held(ada, KeyKind.SIGNING) == (methods["sig-1"],)
    assert await held(ada, KeyKind.AGREEMENT) == (methods["enc-1"],)
    assert len(await held(ada, KeyKind.HOT)) == 2
    assert await ada.acts() == ["did-created"]
    assert ada.copy.read(mine.did) == history.entries
    assert ada.home.did_log.stat().st_mode & 0o777 == 0o600


async def test_a_person_has_one_did(ada: Someone) -> None:
    mine = await ada.identities.create(ada.principal)

    with pytest.raises(DidExistsError) as refused:
        await ada.identities.create(ada.principal)

    assert refused.value.code == "did-exists"
    assert refused.value.did == mine.did
    assert "did show" in refused.value.hint


async def test_without_a_did_it_is_said_how_to_get_one(ada: Someone) -> None:
    for attempt in (
        ada.identities.mine(ada.principal),
        ada.identities.rotate(ada.principal, EVERY_KEY),
        ada.identities.deactivate(ada.principal),
        ada.identities.card(ada.principal),
    ):
        with pytest.raises(NoDidError) as refused:
            await attempt
        assert refused.value.code == "did-missing"
        assert "did create" in refused.value.hint


@requirement("identity.rotate")
async def test_a_rotation_makes_every_key_new_and_deletes_what_is_spent(ada: Someone) -> None:
    before = (await ada.identities.create(ada.principal)).history
    (sig,) = await held(ada, KeyKind.SIGNING)
    hot = await held(ada, KeyKind.HOT)
    ada.clock.advance(timedelta(hours=1))

    changed = await ada.identities.rotate(ada.principal, EVERY_KEY)

    assert changed.mine is not None
    history = changed.mine.history
    names = {each["id"].rsplit("#")[1] for each in (history.document or {})["verificationMethod"]}
    assert names == {"sig-2", "enc-2", "node-2"}
    assert history.head.parameters.update_keys[0] in hot
    assert before.head.parameters.update_keys[0] not in await held(ada, KeyKind.HOT)
    assert len(await held(ada, KeyKind.HOT)) == 2
    assert sig not in await held(ada, KeyKind.SIGNING)
    assert len(await held(ada, KeyKind.AGREEMENT)) == 2  # what was sealed can be opened
    assert (await ada.acts())[0] == "did-rotated"
    assert {each.what for each in changed.differences if each.added} == {
        "#sig-2",
        "#enc-2",
        "#node-2",
    }


@requirement("identity.rotate")
async def test_what_was_signed_before_a_rotation_stays_verifiable(ada: Someone) -> None:
    mine = await ada.identities.create(ada.principal)
    (sig,) = await held(ada, KeyKind.SIGNING)
    signed_at = ada.clock()
    owner = ada.principal.person
    signature = await ada.database.read(lambda tx: KEYRING.signer(tx, owner, sig).sign(b"mine"))
    ada.clock.advance(timedelta(days=1))
    changed = await ada.identities.rotate(ada.principal, frozenset({Rotated.SIGNING}))
    assert changed.mine is not None
    history = changed.mine.history

    then = key_at(history, f"{mine.did}#sig-1", signed_at)

    assert then is not None
    verify(decode_multikey(then["publicKeyMultibase"]), signature, b"mine")
    assert key_at(history, f"{mine.did}#sig-1", ada.clock()) is None
    assert key_at(history, f"{mine.did}#sig-2", ada.clock()) is not None
    assert key_at(history, f"{mine.did}#sig-2", signed_at) is None
    assert key_at(history, f"{mine.did}#sig-1", signed_at - timedelta(days=1)) is None


@requirement("identity.rotate")
@pytest.mark.parametrize(
    ("which", "names"),
    [
        ({Rotated.HOT}, {"sig-1", "enc-1", "node-1"}),
        ({Rotated.SIGNING}, {"sig-2", "enc-1", "node-1"}),
        ({Rotated.AGREEMENT}, {"sig-1", "enc-2", "node-1"}),
        ({Rotated.NODE}, {"sig-1", "enc-1", "node-2"}),
    ],
)
async def test_some_keys_alone_can_be_made_new(
    ada: Someone, which: set[Rotated], names: set[str]
) -> None:
    await ada.identities.create(ada.principal)
    hot = await held(ada, KeyKind.HOT)

    changed = await ada.identities.rotate(ada.principal, frozenset(which))

    assert changed.mine is not None
    document = changed.mine.history.document or {}
    assert {each["id"].rsplit("#")[1] for each in document["verificationMethod"]} == names
    assert await held(ada, KeyKind.HOT) != hot


@requirement("identity.update")
async def test_a_document_is_changed_and_every_difference_is_shown_before(ada: Someone) -> None:
    await ada.identities.create(ada.principal)
    change = DocumentChange(
        node_endpoint="https://ada.example/",
        add_services=(("blog", "LinkedDomains", "https://blog.ada.example/"),),
        also_known_as=("did:web:ada.example",),
        mirrors=("https://mirror.example/",),
    )

    preview = await ada.identities.preview(ada.principal, change)
    changed = await ada.identities.update(ada.principal, change)

    assert preview.mine is None
    assert preview.differences == changed.differences
    assert [(each.added, each.what, each.value) for each in changed.differences] == [
        (True, "#blog", "LinkedDomains https://blog.ada.example/"),
        (True, "#node", "MnemosyneNode https://ada.example/"),
        (True, "also known as", "did:web:ada.example"),
        (True, "mirror", "https://mirror.example/"),
    ]
    assert changed.mine is not None
    assert changed.mine.history.in_force.mirrors == ("https://mirror.example/",)
    assert (await ada.acts())[0] == "did-updated"


@requirement("identity.update")
async def test_what_a_document_names_can_be_taken_out_again(ada: Someone) -> None:
    await ada.identities.create(ada.principal)
    await ada.identities.update(
        ada.principal,
        DocumentChange(
            node_endpoint="https://ada.example/",
            also_known_as=("did:web:ada.example",),
            mirrors=("https://mirror.example/",),
        ),
    )

    changed = await ada.identities.update(
        ada.principal,
        DocumentChange(
            remove_services=("#node",),
            not_known_as=("did:web:ada.example",),
            remove_mirrors=("https://mirror.example/",),
        ),
    )

    assert [each.added for each in changed.differences] == [False, False, False]
    assert changed.mine is not None
    assert changed.mine.history.in_force.mirrors == ()
    assert "service" not in (changed.mine.history.document or {})


IMPOSSIBLE = [
    DocumentChange(node_endpoint="ftp://ada.example/"),
    DocumentChange(node_endpoint="https://ada:secret@ada.example/"),
    DocumentChange(node_endpoint="http://ada.example/"),
    DocumentChange(add_services=(("sig-9", "X", "https://ada.example/"),)),
    DocumentChange(add_services=(("two words", "X", "https://ada.example/"),)),
    DocumentChange(add_services=(("blog", "", "https://ada.example/"),)),
    DocumentChange(remove_services=("nothing",)),
    DocumentChange(also_known_as=("no uri",)),
    DocumentChange(not_known_as=("did:web:nobody.example",)),
    DocumentChange(mirrors=("mirror.example",)),
    DocumentChange(remove_mirrors=("https://mirror.example/",)),
]


@requirement("identity.update")
async def test_a_change_that_no_document_can_have_is_refused(ada: Someone) -> None:
    await ada.identities.create(ada.principal)

    for change in IMPOSSIBLE:
        with pytest.raises(DocumentChangeError) as refused:
            await ada.identities.update(ada.principal, change)
        assert refused.value.code == "did-change"
        assert refused.value.why
        assert refused.value.hint
    assert len((await ada.identities.mine(ada.principal)).history.path) == 1
    assert await ada.acts() == ["did-created"]


@requirement("identity.deactivate")
async def test_a_deactivated_did_is_changed_by_nothing_and_has_no_keys_left(ada: Someone) -> None:
    await ada.identities.create(ada.principal)

    mine = await ada.identities.deactivate(ada.principal)

    assert mine.history.deactivated
    assert mine.history.document is None
    assert await held(ada, KeyKind.HOT) == ()
    assert await held(ada, KeyKind.SIGNING) == ()
    with pytest.raises(DeactivatedDidError):
        await ada.identities.rotate(ada.principal, EVERY_KEY)
    assert (await ada.acts())[0] == "did-deactivated"


async def test_two_changes_within_a_second_are_a_second_apart(ada: Someone) -> None:
    await ada.identities.create(ada.principal)
    for _ in range(2):
        await ada.identities.rotate(ada.principal, frozenset({Rotated.HOT}))

    times = [each.time for each in (await ada.identities.mine(ada.principal)).history.path]

    assert times == [times[0] + timedelta(seconds=n) for n in range(3)]


async def test_a_clock_that_was_set_back_makes_no_entry_and_hides_nothing(ada: Someone) -> None:
    await ada.identities.create(ada.principal)
    ada.clock.advance(timedelta(hours=-1))

    with pytest.raises(ClockBehindError) as refused:
        await ada.identities.rotate(ada.principal, EVERY_KEY)

    assert refused.value.code == "did-clock"
    assert "clock" in refused.value.hint
    assert len((await ada.identities.mine(ada.principal)).history.path) == 1


async def test_each_use_case_needs_its_permission(ada: Someone) -> None:
    nobody = Principal(ada.principal.person, frozenset(), "token-1", "http")
    reader = Principal(ada.principal.person, frozenset({Scope.MEMORY_READ}), "token-2", "http")
    await ada.identities.create(ada.principal)

    for attempt in (
        ada.identities.create(reader),
        ada.identities.preview(reader, DocumentChange()),
        ada.identities.update(reader, DocumentChange()),
        ada.identities.rotate(reader, EVERY_KEY),
        ada.identities.deactivate(reader),
        ada.identities.mine(nobody),
        ada.identities.card(nobody),
        ada.identities.find(nobody, "did:mnem:x"),
        ada.following.confirm(reader, None),
        ada.following.accept(reader, cards.Card("did:mnem:x", ()), "Mira"),
        ada.recovery.plan(reader, RecoveryRequest()),
        ada.recovery.recover(reader, ada.phrase),
        ada.recovery.rehearse(reader, ada.phrase),
        ada.recovery.end_for_ever(reader, ada.phrase),
        ada.recovery.replace_phrase(reader, ada.phrase),
    ):
        with pytest.raises(MissingScopeError):
            await attempt


async def test_a_did_tells_that_the_node_signs_with_a_key_it_does_not_name(ada: Someone) -> None:
    made = await ada.identities.create(ada.principal)
    await ada.database.write(lambda tx: node_keys.rotate(tx, ada.clock()))

    strange = await ada.identities.mine(ada.principal)
    named = await ada.identities.rotate(ada.principal, frozenset({Rotated.NODE}))

    assert (made.names_node, strange.names_node) == (True, False)
    assert did_showing.warnings(made) == []
    assert "key rotate --only node" in " ".join(did_showing.warnings(strange))
    assert named.mine is not None
    assert named.mine.names_node
