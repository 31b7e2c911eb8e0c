"""Every code of the method, each reached by the one guard that raises it.

A row is a log in which one thing is wrong and everything else is hashed and signed as it should be.
Its name says which guard refuses it; without that guard the log would hold, or be refused for
another reason, and the row would fail.
"""

from collections.abc import Callable

import pytest

from mnemosyne.identity import log
from mnemosyne.identity.entry import PLACEHOLDER, Entry, parse_entry, write_time
from mnemosyne.identity.errors import LogCode, LogError
from mnemosyne.identity.log import LARGEST_FILE, evaluate, read_log
from mnemosyne.identity.rules import FUTURE
from mnemosyne.kit.canonical_json import canonical_json
from tests.identity import logs
from tests.identity.faults import C, given, methods, mirror_url, put, services
from tests.identity.faults_of_form import FORM
from tests.identity.faults_of_keys import KEYS
from tests.identity.faults_of_place import PLACE
from tests.identity.logs import (
    DID,
    GENESIS,
    NOW,
    SECOND,
    THIRD,
    Raw,
    did_key,
    follow,
    genesis,
    hash_of,
    hot,
    judge,
    multikey,
    seal,
    spelled,
    update,
)
from tests.requirements import requirement

ROWS = [*FORM, *PLACE, *KEYS]


@requirement("identity.did-mnem")
@pytest.mark.parametrize(
    ("code", "make"),
    [pytest.param(code, make, id=f"{code}-{name}") for code, name, make in ROWS],
)
def test_a_log_is_refused_with_the_code_of_its_one_fault(
    code: LogCode, make: Callable[[], list[Raw]]
) -> None:
    values = make()
    did = DID
    if values and values[0]["type"] == "create" and code is not C.SCID:
        did = f"did:mnem:{values[0]['parameters']['scid']}"

    with pytest.raises(LogError) as refused:
        judge(*values, did=did)

    assert refused.value.log_code is code, refused.value.detail
    assert refused.value.code == "did-log"
    assert refused.value.detail in refused.value.why
    assert refused.value.hint


def test_the_table_has_a_row_for_every_code() -> None:
    assert {code for code, _, _ in ROWS} | {C.LOG_TOO_LONG} == set(LogCode)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        spelled(SECOND).strip() + b" {}",
        b'{"type":"update",' + spelled(SECOND).strip()[1:],
        spelled(SECOND).strip().replace(b'"previous":', b'"previous":NaN,"previous":'),
        spelled(SECOND).strip().replace(b'"https://ada.example/"', b"9007199254740992"),
        spelled(SECOND).strip().replace(b"ada.example", rb"\ud800"),
    ],
)
@requirement("identity.hardening")
def test_what_two_programs_could_read_in_two_ways_is_no_entry(line: bytes) -> None:
    with pytest.raises(LogError) as refused:
        parse_entry(line)

    assert refused.value.log_code is C.UNKNOWN_MEMBER


def test_an_entry_alone_is_known_to_belong_to_a_did_mnem() -> None:
    strange = update(GENESIS, 2, state=logs.document("did:example:1"))

    with pytest.raises(LogError) as refused:
        parse_entry(canonical_json(strange))

    assert refused.value.log_code is C.INVALID_STATE
    assert parse_entry(canonical_json(SECOND)).did == DID


def test_the_line_that_fails_is_named() -> None:
    broken = update(SECOND, 3, step=2)

    with pytest.raises(LogError, match="entry 3 of this log does not hold: ORDER") as refused:
        judge(GENESIS, SECOND, broken)

    assert refused.value.entry == 3


def test_a_line_that_is_no_entry_is_named() -> None:
    with pytest.raises(LogError) as refused:
        read_log(spelled(GENESIS) + b"\n" + spelled(SECOND))

    assert (refused.value.log_code, refused.value.entry) == (C.UNKNOWN_MEMBER, 2)


def test_five_minutes_ahead_are_allowed() -> None:
    ahead = update(GENESIS, 2, change=put("versionTime", to=write_time(NOW + FUTURE)))

    assert judge(GENESIS, ahead).head.time == NOW + FUTURE


@requirement("identity.did-mnem")
def test_a_key_that_was_not_shown_on_the_same_branch_may_be_promised_again() -> None:
    rival = update(GENESIS, 2, 100)
    unused = genesis(given([hash_of(2), hash_of(3)], "nextKeyHashes"))
    did = f"did:mnem:{unused['parameters']['scid']}"

    assert len(judge(GENESIS, SECOND, THIRD, rival, update(rival, 100, 3)).rivals) == 2
    assert judge(unused, update(unused, 2, 3, state=logs.document(did)), did=did).head.number == 2


@requirement("identity.did-mnem")
def test_every_limit_can_be_used_up() -> None:
    first = genesis(
        lambda v: (
            given([multikey(1), *(multikey(n) for n in range(100, 109))], "updateKeys")(v),
            given([hash_of(n) for n in range(2, 12)], "nextKeyHashes")(v),
            given([hash_of(n) for n in range(900, 910)], "recoveryKeyHashes")(v),
            given([mirror_url(2048), *(f"https://a.example/{n}" for n in range(9))], "mirrors")(v),
            given({"threshold": 10, "witnesses": [did_key(n) for n in range(10)]}, "witness")(v),
            given(31_536_000, "ttl")(v),
            methods(20)(v),
        )
    )

    history = judge(first, did=f"did:mnem:{first['parameters']['scid']}")

    assert history.in_force.ttl == 31_536_000
    assert len(history.head.state["verificationMethod"]) == 20
    assert judge(GENESIS, update(GENESIS, 2, change=services(20))).head.number == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{}\n" * 2000, C.PROOF_COUNT),
        (b"{}\n" * 2001, C.LOG_TOO_LONG),
        (b"{}\n" * 2000 + b"{}", C.LOG_TOO_LONG),
        (b" " * LARGEST_FILE, C.ENTRY_TOO_LARGE),
        (b" " * (LARGEST_FILE + 1), C.LOG_TOO_LONG),
    ],
)
def test_more_lines_or_bytes_than_a_path_and_what_is_beside_it_have_are_not_even_read(
    data: bytes, code: LogCode
) -> None:
    with pytest.raises(LogError) as refused:
        read_log(data)

    assert refused.value.log_code is code


@requirement("identity.hardening")
def test_a_line_that_stands_there_a_thousand_times_is_checked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked: list[bytes] = []

    def counted(line: bytes) -> Entry:
        checked.append(line)
        return parse_entry(line)

    monkeypatch.setattr(log, "parse_entry", counted)

    entries = read_log(spelled(GENESIS) * 1000 + spelled(SECOND))

    assert [entry.line + b"\n" for entry in entries] == [spelled(GENESIS), spelled(SECOND)]
    assert len(checked) == 2


def test_more_entries_than_a_log_may_hold_are_not_even_judged() -> None:
    entry = parse_entry(canonical_json(GENESIS))

    assert evaluate(DID, [entry] * 2000, NOW).entries == (entry,)
    with pytest.raises(LogError) as refused:
        evaluate(DID, [entry] * 2001, NOW)
    assert refused.value.log_code is C.LOG_TOO_LONG


def test_the_placeholder_of_the_scid_may_not_stand_in_a_genesis() -> None:
    # With it two texts would have one scid: the one written out, the other not.
    value = genesis()
    value["state"]["service"][0]["serviceEndpoint"] = f"https://ada.example/{PLACEHOLDER}"
    sealed = seal({k: v for k, v in value.items() if k not in {"proof", "versionId"}}, 1, 1)

    with pytest.raises(LogError, match="SCID") as refused:
        parse_entry(canonical_json(sealed))

    assert "placeholder" in refused.value.detail


def test_an_entry_keeps_what_it_said() -> None:
    entry = parse_entry(canonical_json(SECOND))

    assert entry.line == canonical_json(SECOND)
    assert (entry.number, entry.previous) == (2, GENESIS["versionId"])
    assert entry.signer == multikey(2)
    assert follow(GENESIS, "update", hot(2, 3), signer=2) == SECOND
