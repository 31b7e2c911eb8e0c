"""A resolver that is asked from the shell: where it is looked for, and what if none answers."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mnemosyne.api.identity.resolver import resolver_app
from mnemosyne.cli.exit_codes import ExitCode
from mnemosyne.cli.live_resolver import Live, ResolverSilentError
from mnemosyne.cli.node import ServedDids
from mnemosyne.entrypoints.resolving import serving
from mnemosyne.identity.examples import UNKNOWN, Examples
from tests.cli.conftest import Cli
from tests.clock import SetClock


async def test_every_name_below_localhost_is_this_machine() -> None:
    examples = Examples(SetClock())
    dids = ServedDids(examples.active, UNKNOWN)
    async with serving(resolver_app(examples, SetClock()), 0) as url:
        port = urlsplit(url).port

        live = await asyncio.to_thread(Live, f"http://localhost:{port}", dids)
        with pytest.raises(ResolverSilentError) as refused:  # it is there, under another name
            await asyncio.to_thread(Live, f"http://node.localhost:{port}", dids)

    assert live.version == examples.history(examples.active).head.version_id
    assert "421" in refused.value.why


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense", "http://[", "http://a:b"])
def test_a_node_that_does_not_answer_is_told(url: str) -> None:
    with pytest.raises(ResolverSilentError) as refused:
        Live(url, ServedDids(UNKNOWN, UNKNOWN))

    assert refused.value.code == "resolver-silent"
    assert "mnemosyne serve" in refused.value.hint


def test_an_export_from_a_node_that_does_not_serve_is_refused(cli: Cli, tmp_path: Path) -> None:
    cli.ok("did", "create")
    folder = str(tmp_path / "suite")

    answer = cli("did", "export-suite", folder, "--from", "http://127.0.0.1:1")

    assert answer.code == ExitCode.NOT_FOUND
    assert "http://127.0.0.1:1" in answer.err
