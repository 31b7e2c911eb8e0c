"""The chapter of identity: a DID, its keys stolen, taken back, and shown to a friend."""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from demo.stage import Stage
from mnemosyne.application import Application
from mnemosyne.entrypoints.console import LocalNode
from mnemosyne.identity import authoring
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.log import History, extend, lines
from mnemosyne.identity.parameters import key_hash
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.crypto.signing import SigningKey
from mnemosyne.kit.principal import Principal
from mnemosyne.kit.vault.keyring import KeyKind, private_key


def identity(stage: Stage) -> None:
    """Make a DID, let a thief have its keys, take it back, and show it to a friend, offline."""
    phrase = ("--phrase-file", str(stage.folder / "phrase.txt"))
    stage.say("A DID: a name that nobody gives and nobody can take. Nothing is registered.")
    stage.run("did", "create")
    did = stage.ask("did", "show")["did"]
    stage.say("New keys. What the old ones signed stays verifiable, through the log.")
    stage.run("key", "rotate")
    _theft(stage, did)
    stage.say("The recovery phrase is on paper, and in no vault. Does it fit? What would it undo?")
    stage.run("did", "recover", "--rehearse", *phrase)
    stage.run("did", "recover", "--yes", *phrase)
    shown = stage.ask("did", "show")
    stage.check(
        holds=shown["epoch"] == 1 and not shown["equivocation"] and shown["writable"],
        text="the DID is Lotte’s again, and the thief’s entries are nullified",
    )
    stage.check(holds=not _service_of_the_thief(shown), text="nothing of the thief is in it")
    stage.run("did", "log")
    _card(stage, did)


def _theft(stage: Stage, did: str) -> None:
    stage.say(
        "Now the worst: somebody reads both hot keys out of the open vault, writes entries with "
        "them, and hands those in from outside."
    )
    written = asyncio.run(_stolen_and_used())
    stage.check(holds=bool(written), text=f"{len(written)} entries of the thief hold")
    stage.run("did", "show")
    shown = stage.ask("did", "show")
    stage.check(
        holds=shown["did"] == did and _service_of_the_thief(shown) and not shown["writable"],
        text="the thief’s document is the newest one, and Lotte has no key for the next entry",
    )


async def _stolen_and_used() -> list[Entry]:
    """Take the private keys out of the tables themselves, since nothing else gives them out."""
    node = LocalNode()
    secret = node.key_file()
    if secret is None:
        message = "the tour has a key file"
        raise RuntimeError(message)
    async with node.open(secret, "theft") as app:
        keys = await app.database.read(_private_keys)
        history = (await app.identities.mine(Principal.local(app.person.id))).history
        return await _used(app, history, keys)


def _private_keys(tx: Connection) -> list[SigningKey]:
    hot = select(private_key.c.private).where(private_key.c.kind == KeyKind.HOT.value)
    return [SigningKey(bytes(private)) for private in tx.execute(hot).scalars()]


async def _used(app: Application, history: History, keys: list[SigningKey]) -> list[Entry]:
    written: list[Entry] = []
    for number in (1, 2):
        promised = set(history.head.parameters.next_key_hashes)
        key = next(k for k in keys if key_hash(encode_multikey(k.public)) in promised)
        keys.append(SigningKey.generate())
        entry = authoring.update(
            history,
            key,
            next_key_hashes=[key_hash(encode_multikey(keys[-1].public))],
            document=_with_service(history, number),
            time=history.head.time + timedelta(seconds=1),
        )
        written.append(entry)
        history = extend(history, written[-1:], entry.time)
    await app.hosting.submit(history.did, lines(written))
    return written


def _with_service(history: History, number: int) -> dict[str, Any]:
    service = {
        "id": f"{history.did}#node",
        "type": "MnemosyneNode",
        "serviceEndpoint": f"https://thief.example/{number}",
    }
    return {**(history.document or {}), "service": [service]}


def _service_of_the_thief(shown: dict[str, Any]) -> bool:
    return "thief.example" in json.dumps(shown["document"])


def _card(stage: Stage, did: str) -> None:
    stage.say("A card holds the whole log. As codes, a phone reads it from the screen.")
    card = stage.folder / "lotte.card"
    card.write_text(json.dumps(stage.ask("did", "card")["card"]), "utf-8")
    stage.run("did", "card", "--svg", str(stage.folder / "lotte.svg"))
    stage.say("In a friend’s vault, on another machine without a network, the card proves itself.")
    with _in_another_vault(stage.folder / "friend"):
        key_file, phrase = os.environ["MNEMOSYNE_KEY_FILE"], stage.folder / "friend" / "phrase.txt"
        stage.run("init", "--name", "Mira", "--key-file", key_file, "--phrase-out", str(phrase))
        stage.run("people", "add-card", str(card), "--name", "Lotte")
        stage.run("did", "resolve", did)
        found = stage.ask("did", "resolve", did)
        stage.check(
            holds=found["didDocument"]["id"] == did and not _thief_in(found),
            text="it resolves there, offline, to the document after the recovery",
        )


def _thief_in(found: dict[str, Any]) -> bool:
    return "thief.example" in json.dumps(found)


@contextmanager
def _in_another_vault(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700)
    before = dict(os.environ)
    os.environ["MNEMOSYNE_HOME"] = str(folder / "vault")
    os.environ["MNEMOSYNE_KEY_FILE"] = str(folder / "vault.key")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
