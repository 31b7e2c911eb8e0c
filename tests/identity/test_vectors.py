"""The published example logs: made from the code, and judged from the file alone."""

import json

import pytest

from mnemosyne.identity.errors import LogError
from mnemosyne.identity.log import evaluate, read_log
from mnemosyne.identity.parameters import key_hash
from mnemosyne.identity.witnesses import read_receipts
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.crypto.signing import SigningKey
from tests.identity.logs import NOW
from tests.identity.vectors import FILE, text
from tests.requirements import requirement

VECTORS = json.loads(FILE.read_text(encoding="utf-8"))


@requirement("identity.did-mnem")
def test_the_published_logs_are_those_that_the_code_makes() -> None:
    assert text() == FILE.read_text(encoding="utf-8"), "run python -m tests.identity.vectors"


@requirement("identity.did-mnem")
@pytest.mark.parametrize("log", VECTORS["logs"], ids=lambda log: str(log["name"]))
def test_a_published_log_is_judged_as_it_says(log: dict[str, object]) -> None:
    data = "\n".join(map(str, log["lines"])) if isinstance(log["lines"], list) else ""
    receipts = read_receipts(json.dumps(log["receipts"]).encode())

    history = evaluate(str(log["did"]), read_log(data.encode()), NOW, receipts)

    assert log["expected"] == {
        "path": [entry.version_id for entry in history.path],
        "rivals": [entry.version_id for entry in history.rivals],
        "nullified": [entry.version_id for entry in history.nullified],
        "epoch": history.epoch,
        "equivocation": history.equivocation,
        "deactivated": history.deactivated,
        "witnessed": history.witnessed,
        "document": history.document,
    }


@requirement("identity.did-mnem")
@pytest.mark.parametrize("log", VECTORS["refused"], ids=lambda log: str(log["code"]))
def test_a_published_faulty_log_is_refused_as_it_says(log: dict[str, object]) -> None:
    data = "\n".join(map(str, log["lines"])) if isinstance(log["lines"], list) else ""

    with pytest.raises(LogError) as refused:
        evaluate(str(log["did"]), read_log(data.encode()), NOW)

    assert refused.value.log_code == log["code"]


def test_the_keys_of_the_published_logs_follow_from_their_seeds() -> None:
    for each in VECTORS["keys"]:
        public = SigningKey(bytes.fromhex(each["seed"])).public
        assert encode_multikey(public) == each["multikey"]
        assert key_hash(each["multikey"]) == each["hash"]
