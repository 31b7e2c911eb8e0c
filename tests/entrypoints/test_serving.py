"""A node that serves: over real sockets, beside a shell, until it ends or is ended."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy import Connection

from mnemosyne.accounts import store_passkeys
from mnemosyne.accounts.store_passkeys import Passkey
from mnemosyne.application import Application
from mnemosyne.cli.node import ServeChoices
from mnemosyne.entrypoints.listening import PortUnusableError
from mnemosyne.entrypoints.serving import RunningNode, WorkEndedError, serving_node
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.vault.serving_lock import AlreadyServedError
from tests.cli.conftest import Cli, Made, bare, cli, environment, made_vault, vault
from tests.cli.services import with_services
from tests.clock import SetClock
from tests.requirements import requirement

__all__ = ["bare", "cli", "environment", "made_vault", "vault"]

HERE = ServeChoices("127.0.0.1", 0)
A_MINUTE = 6_000


def ask(port: int, target: str, host: str, address: str = "127.0.0.1") -> tuple[int, bytes]:
    connection = HTTPConnection(address, port, timeout=10)
    try:
        connection.request("GET", target, headers={"Host": host})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@contextmanager
def process_of(*options: str) -> Iterator[subprocess.Popen[str]]:
    """Start a node as a process of its own, which ends with the test whatever happens."""
    command = [sys.executable, "-m", "mnemosyne", "serve", "--port", "0", *options]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@asynccontextmanager
async def served(app: Application, choices: ServeChoices = HERE) -> AsyncIterator[RunningNode]:
    async with serving_node(app, choices, A_MINUTE) as node:
        yield node


@requirement("serving.end")
@pytest.mark.usefixtures("vault")
def test_a_node_serves_beside_a_shell_and_stops_when_it_is_told(cli: Cli) -> None:
    with process_of("--json") as process:
        facts = json.loads(line_of(process))
        port, host = facts["port"], f"mnemosyne.localhost:{facts['port']}"
        live = ask(port, "/health/live", host)
        by_number = ask(port, "/health/live", f"127.0.0.1:{port}")
        rebound = ask(port, "/health/live", f"attacker.example:{port}")
        other_port = ask(port, "/health/live", "mnemosyne.localhost")
        captured = cli("capture", "written at the shell while the node serves")
        invited = cli("account", "invite", "Grace")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)

    assert live == (200, b'{"status":"ok"}')
    assert by_number[0] == rebound[0] == other_port[0] == 421
    assert f"http://{host}".encode() in by_number[1]
    assert facts["url"] == f"http://{host}"
    assert facts["registration"]["url"].startswith(f"http://{host}/register#mnemenrol_")
    assert captured.code == 0
    assert f"http://{host}/invite#mnemenrol_" in invited.out
    assert process.returncode == 0
    assert (out, err) == ("", "")


@requirement("serving.loopback")
def test_port_zero_gives_the_real_port_to_the_address_and_both_loopbacks_are_taken(
    vault: Made, clock: SetClock
) -> None:
    async def work(app: Application) -> None:
        async with served(app) as node:
            facts = node.facts
            host = facts.origin.removeprefix("http://")
            answers = [
                await asyncio.to_thread(ask, facts.port, "/health/live", host, each.strip("[]"))
                for each in facts.addresses
            ]
        assert host == f"mnemosyne.localhost:{facts.port}"
        assert facts.addresses[0] == "127.0.0.1"
        assert all(status == 200 for status, _ in answers)

    with_services(vault, clock, work)


def test_a_port_that_is_taken_is_told_also_where_it_is_that_of_the_other_loopback(
    vault: Made, clock: SetClock
) -> None:
    async def work(app: Application) -> None:
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            with socket.socket(family) as other:
                other.bind((address, 0))
                other.listen()
                with pytest.raises(PortUnusableError) as refused:
                    async with served(app, ServeChoices("127.0.0.1", other.getsockname()[1])):
                        pass
            assert "--port" in refused.value.hint
            assert "use that one, or end it" in refused.value.hint

    with_services(vault, clock, work)


def test_a_second_node_of_a_vault_is_refused_before_anything_is_served(
    vault: Made, clock: SetClock
) -> None:
    async def work(app: Application) -> None:
        async with served(app):
            with pytest.raises(AlreadyServedError) as refused:
                async with served(app):
                    pass
        async with served(app):  # the first one has ended
            pass
        assert str(refused.value) == (
            f"this vault is served already by `test` (process {os.getpid()})"
        )

    with_services(vault, clock, work)


@requirement("serving.end")
def test_a_node_ends_with_its_reason_when_the_work_inside_cannot_go_on(
    vault: Made, clock: SetClock
) -> None:
    async def work(app: Application) -> None:
        async with served(app) as node:
            await _without_an_outbox(app)
            with pytest.raises(WorkEndedError) as ended:
                await node.ended()
        assert ended.value.reason == "OperationalError"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", node.facts.port), timeout=1).close()

    with_services(vault, clock, work)


def test_control_c_ends_it(vault: Made, clock: SetClock) -> None:
    async def work(app: Application) -> None:
        async with served(app) as node:
            asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGINT)
            await node.ended()

    with_services(vault, clock, work)


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    program = (
        "import asyncio, os, signal\n"
        "from mnemosyne.entrypoints.stopping import told_to_stop\n"
        "async def main():\n"
        "    with told_to_stop() as told:\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "        await told.wait()\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )

    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, timeout=20, check=False)

    assert ended.returncode == 128 + signal.SIGTERM


def test_one_slow_request_does_not_hold_up_others(vault: Made, clock: SetClock) -> None:
    async def work(app: Application) -> None:
        async with served(app) as node:
            host = node.facts.origin.removeprefix("http://")
            over = asyncio.Event()
            loop = asyncio.get_running_loop()

            def slow(tx: Connection) -> None:
                tx.exec_driver_sql("SELECT 1")
                asyncio.run_coroutine_threadsafe(over.wait(), loop).result()

            reads = [asyncio.ensure_future(app.database.read(slow)) for _ in range(2)]
            answer = await asyncio.to_thread(ask, node.facts.port, "/health/ready", host)
            assert not any(each.done() for each in reads)
            over.set()
            await asyncio.gather(*reads)
        assert answer[0] == 200

    with_services(vault, clock, work)


@requirement("serving.passkey-host")
def test_another_host_name_than_that_of_the_passkeys_is_told(vault: Made, clock: SetClock) -> None:
    async def work(app: Application) -> None:
        made = Passkey(
            id=new_id(clock()),
            owner=app.person.id,
            rp_id="old.example",
            credential_id=b"credential",
            public_key=b"key",
            sign_count=0,
            backup_eligible=False,
            backed_up=False,
            transports=(),
            aaguid="",
            name="phone",
            created_at=clock(),
            last_used_at=None,
        )
        await app.database.write(lambda tx: store_passkeys.add(tx, made))
        async with served(app) as node:
            facts = node.facts
        assert not facts.nobody_can_sign_in
        assert "old.example" in facts.remarks[0]
        assert "`mnemosyne account link`" in facts.remarks[0]

    with_services(vault, clock, work)


def test_the_first_screen_says_where_and_how_long_and_the_last_one_why(
    vault: Made, cli: Cli, clock: SetClock
) -> None:
    with_services(vault, clock, _without_an_outbox)

    answer = cli("serve", "--port", "0")

    assert answer.out.startswith("The node answers at http://mnemosyne.localhost:")
    assert "Nobody can sign in yet." in answer.out
    assert "/register#mnemenrol_" in answer.out
    assert "It works until " in answer.out
    assert "docs/api.md" in answer.out
    assert answer.code == 1
    assert "its work on new memories failed" in answer.err
    assert "`mnemosyne doctor`" in answer.err


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--host", "192.168.1.20"), 4, "--tls-cert"),
        (("--host", "everywhere"), 2, "--public-url"),
        (("--public-url", "http://node.example"), 2, "browsers ask for https"),
        (("--public-url", "https://node.example"), 2, "Add --tls-cert and --tls-key, or"),
        (("--tls-cert", "nowhere.pem"), 4, "--tls-key"),
        (("--tls-cert", "nowhere.pem", "--tls-key", "nowhere.key"), 4, "No such file"),
        (("--behind-proxy", "proxy.example"), 2, "127.0.0.1"),
        (("--behind-proxy", "127.0.0.1"), 2, "MNEMOSYNE_PUBLIC_URL"),
        (("--allow-origin", "wallet.example"), 2, "https://wallet.example"),
    ],
)
def test_what_cannot_be_served_so_is_told_before_a_vault_is_asked_for(
    bare: Cli, options: tuple[str, ...], code: int, words: str
) -> None:
    answer = bare("serve", *options)

    assert answer.code == code
    assert words in answer.err
    assert answer.out == ""


async def _without_an_outbox(app: Application) -> None:
    await app.database.write(lambda tx: tx.exec_driver_sql("DROP TABLE outbox"))
