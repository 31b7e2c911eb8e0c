"""A chapter: somebody with every key rewrites the record, and a file kept elsewhere names where."""

import json
import os
import shutil
from pathlib import Path

from sqlalchemy import Connection, text

from demo.stage import Stage
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.merkle import Frontier, leaf_hash
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.key_file import KeyFileRules, read_key_file
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.safekeeping import snapshot


def record(stage: Stage) -> None:
    """Keep a checkpoint, tamper with a copy of the vault, and see the first bad entry named."""
    kept = stage.backups / "record.json"
    stage.say("What was done and read stands in a Merkle tree. Its signed head goes to the stick.")
    stage.run("audit", "checkpoint", str(kept))
    entries = stage.ask("audit", "log")["entries"]
    backup = next(each for each in reversed(entries) if each["type"] == "backup")
    home = os.environ["MNEMOSYNE_HOME"]
    copy = stage.folder / "tampered"
    shutil.copytree(home, copy)
    os.environ["MNEMOSYNE_HOME"] = str(copy)
    stage.say(
        f"Somebody who has every key makes entry {backup['entry']}, the backup, one that never "
        "was, and computes all that follows anew. In itself the record is sound:"
    )
    _rewrite(copy, int(backup["entry"]))
    stage.run("audit", "verify", "--without-backups")
    stage.say("Beside the file on the stick it is not.")
    stage.refused(6, "audit", "verify", str(kept), "--without-backups")
    os.environ["MNEMOSYNE_HOME"] = home
    again = stage.ask("audit", "verify", str(kept))
    stage.check(
        holds=again["whole"], text=f"the copy names entry {backup['entry']}; the vault is whole"
    )


def _rewrite(folder: Path, number: int) -> None:
    """Change one entry and make every later head and the tree fit it."""
    home = VaultHome(folder)
    key = read_key_file(Path(os.environ["MNEMOSYNE_KEY_FILE"]), KeyFileRules(folder))
    root = KeySlots(home).unlock(key)

    def write(tx: Connection) -> None:
        tx.execute(text("DELETE FROM audit_payload WHERE seq = :seq"), {"seq": number})
        frontier = Frontier()
        rows = tx.execute(text("SELECT seq, canonical FROM audit_entry ORDER BY seq")).all()
        for row in rows:
            stated = json.loads(row.canonical)
            if row.seq == number:
                stated["type"] = "forget"
            leaf = canonical_json(stated)
            frontier = frontier.grown(leaf_hash(leaf))
            changed = {"leaf": leaf, "type": stated["type"], "head": frontier.root()}
            tx.execute(_CHANGE, {**changed, "seq": row.seq})
        tx.execute(text("UPDATE audit_tree SET frontier = :f"), {"f": frontier.to_bytes()})

    snapshot.change(home.database, root.database_key(), write)


_CHANGE = text(
    "UPDATE audit_entry SET canonical = :leaf, type = :type, head = :head WHERE seq = :seq"
)
