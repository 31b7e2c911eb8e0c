"""Resolving in the shell, serving from it, and the export for the test suites."""

import json
import os
import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mnemosyne.cli.exit_codes import ExitCode
from mnemosyne.identity import authoring
from mnemosyne.identity.cards import Card, encode
from mnemosyne.identity.examples import UNKNOWN, Examples, key_of
from mnemosyne.identity.parameters import key_hash
from mnemosyne.kit.crypto.multikey import encode_multikey
from tests.cli.conftest import Cli
from tests.clock import SetClock
from tests.requirements import requirement

KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


@requirement("identity.did-key")
def test_a_did_key_is_resolved_without_a_vault(bare: Cli) -> None:
    document = bare.json("did", "resolve", KEY)["didDocument"]
    page = bare.ok("did", "resolve", KEY)

    assert document["id"] == KEY
    assert KEY in page
    assert "signs, proves who it is" in page


def test_a_part_of_a_document_is_shown_alone(bare: Cli) -> None:
    multikey = KEY.removeprefix("did:key:")

    method = json.loads(bare.ok("did", "resolve", f"{KEY}#{multikey}"))

    assert method["publicKeyMultibase"] == multikey


def test_ones_own_did_is_resolved_by_its_versions(cli: Cli) -> None:
    did = cli.json("did", "create")["did"]

    now = cli.json("did", "resolve", did)
    version = now["didDocumentMetadata"]["versionId"]
    named = cli.json("did", "resolve", did, "--version-id", version)
    timed = cli("did", "resolve", did, "--version-time", "2020-01-01T00:00:00Z")
    both = cli(
        "did", "resolve", did, "--version-id", version, "--version-time", "2020-01-01T00:00:00Z"
    )

    assert named == now
    assert "#sig-1" in cli.ok("did", "resolve", did)
    assert timed.code == ExitCode.NOT_FOUND
    assert "did not exist at that time" in timed.err
    assert both.code == ExitCode.USAGE


def test_a_did_of_a_card_resolves_here_and_its_rivals_are_told(
    cli: Cli, clock: SetClock, tmp_path: Path
) -> None:
    history = Examples(clock).history(Examples(clock).active)
    fork = [
        authoring.update(
            history,
            key_of("updated hot 3"),
            next_key_hashes=[key_hash(encode_multikey(key_of(name).public))],
            document=history.document or {},
            time=clock().replace(microsecond=0),
        )
        for name in ("one", "other")
    ]
    card = tmp_path / "grace.card"
    for log in (history.entries, (*history.entries, *fork)):  # known first, then forked
        card.write_bytes(encode(Card(history.did, log, name="Grace")))
        cli.ok("people", "add-card", str(card), "--name", "Grace")

    answer = cli("did", "resolve", history.did)
    metadata = cli.json("did", "resolve", history.did)["didDocumentMetadata"]

    assert answer.code == 0
    assert "#files" in answer.out
    assert "Trust it with nothing new" in answer.err
    assert metadata["equivocation"] is True
    assert metadata["versionId"] == fork[0].version_id


@pytest.mark.parametrize(
    ("did", "code", "told"),
    [
        ("did:key:z6Mk", ExitCode.USAGE, "cannot be resolved as it is written"),
        (f"{KEY}#nothing", ExitCode.NOT_FOUND, "no such part"),
        (f"{KEY}?service=x&service=y", ExitCode.USAGE, "given twice"),
        (f"{KEY}?unheard=of", ExitCode.REFUSED, "not known here"),
    ],
)
def test_what_is_not_resolved_is_told_with_its_reason(
    bare: Cli, did: str, code: int, told: str
) -> None:
    answer = bare("did", "resolve", did)

    assert answer.code == code
    assert told in answer.err
    assert len(answer.err.splitlines()) == 3


def test_an_unknown_did_and_another_method_are_told_apart(cli: Cli) -> None:
    unknown = cli("did", "resolve", UNKNOWN)
    other = cli("did", "resolve", "did:web:ada.example")

    assert unknown.code == ExitCode.NOT_FOUND
    assert "people add-card" in unknown.err
    assert other.code == ExitCode.REFUSED


@requirement("identity.export-suite")
def test_the_export_is_written_from_a_live_resolver(bare: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "suite"

    files = bare.json("did", "export-suite", str(folder))["files"]

    assert {Path(each).name for each in files} >= {
        "did-mnem.json",
        "resolver-mnem.json",
        "dereferencer-mnem.json",
        "did-resolution-suite.json",
    }
    assert all(Path(each).is_file() for each in files)
    written = json.loads((folder / "did-mnem.json").read_text("utf-8"))
    assert written["dids"] == [Examples(SetClock()).active]


@requirement("identity.export-suite")
def test_the_export_may_be_of_ones_own_did(cli: Cli, tmp_path: Path) -> None:
    did = cli.json("did", "create")["did"]

    cli.ok("did", "export-suite", str(tmp_path / "suite"), "--mine")

    written = json.loads((tmp_path / "suite" / "resolver-mnem.json").read_text("utf-8"))
    assert written["executions"][0]["input"]["did"] == did


def test_without_a_did_there_is_nothing_to_serve(cli: Cli, tmp_path: Path) -> None:
    answer = cli("did", "export-suite", str(tmp_path / "suite"), "--mine")

    assert answer.code == ExitCode.NOT_FOUND
    assert "did create" in answer.err


def test_a_folder_that_cannot_be_written_is_told(bare: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    answer = bare("did", "export-suite", str(tmp_path / "file" / "suite"))

    assert answer.code == ExitCode.STORAGE


def test_the_file_for_the_test_suite_is_written_where_a_folder_is(
    bare: Cli, tmp_path: Path
) -> None:
    config = tmp_path / "none" / "resolver.json"

    answer = bare("did", "serve-resolver", "--examples", "--port", "0", "--config", str(config))

    assert answer.code == ExitCode.STORAGE
    assert "No such file or directory" in answer.err
    assert not config.parent.exists()


@requirement("identity.resolver-loopback")
def test_the_resolver_serves_until_it_is_told_to_stop(environment: Path) -> None:
    config = environment / "resolver.json"
    command = [
        "did",
        "serve-resolver",
        "--examples",
        "--port",
        "0",
        "--config",
        str(config),
        "--json",
    ]
    with subprocess.Popen(
        [sys.executable, "-m", "mnemosyne", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    ) as process:
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or lines[-1] != "}\n":
            lines.append(process.stdout.readline())
            assert lines[-1], process.communicate()[1]
        served = json.loads("".join(lines))
        connection = HTTPConnection(urlsplit(served["url"]).netloc, timeout=10)
        connection.request("GET", f"/1.0/identifiers/{served['dids']['active']}")
        status = connection.getresponse().status
        connection.close()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)

    assert status == 200
    assert process.returncode == 0
    assert errors == ""
    [resolver] = json.loads(config.read_text("utf-8"))["didResolvers"]
    assert resolver["endpoint"] == served["endpoint"]
