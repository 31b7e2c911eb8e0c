"""A chapter: the node serves, refuses strangers, and is used by a browser and by a script."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from demo.stage import DemoFailedError, Stage
from demo.visitor import Visitor

_TEXT = "The orchid on the landing wants water on Sundays, and no sun."
_PATIENCE = 30


def serving(stage: Stage) -> None:
    """Serve, be refused, sign in, capture and find, confirm an erase, lend a token, sign out."""
    stage.say("The node serves a browser and scripts, on this machine alone, by a name of its own.")
    with _node(stage) as facts:
        browser = Visitor(stage, facts["url"], facts["port"])
        stage.say("Whoever just asks is refused; so is who calls it by another name.")
        refused = browser.ask("GET", "/v1/memories")
        _problem(stage, refused.body)
        astray = browser.quietly("GET", "/v1/memories", Host="attacker.example")
        stage.check(
            holds=refused.status == 401 and astray.status == 421,  # noqa: PLR2004
            text="no memory without a credential, and none under a foreign name",
        )
        memory = _as_lotte(stage, browser, facts["registration"]["url"])
        _erase(stage, browser, memory)
        _token(stage, browser)
        stage.say("Lotte signs out, and the cookie that is left opens nothing.")
        kept = dict(browser.cookies)
        browser.ask("DELETE", "/v1/sessions/current")
        browser.cookies = kept
        again = browser.ask("GET", "/v1/memories")
        stage.check(holds=again.status == 401, text="signed out is signed out")  # noqa: PLR2004
    stage.say("It stopped as it was told to. docs/api.md and its page /reference say the rest.")


def _as_lotte(stage: Stage, browser: Visitor, link: str) -> str:
    stage.say("Lotte opens the address that works once, and her device makes a passkey.")
    made = browser.register(link.partition("#")[2])
    if made.status != 201:  # noqa: PLR2004 - created
        raise DemoFailedError(str(made.body))
    stage.console.print(f"  a passkey, and {len(made.body['codes'])} recovery codes on paper")
    browser.cookies.clear()
    stage.check(
        holds=browser.sign_in().status == 201 and "__Host-mnemosyne" in browser.cookies,  # noqa: PLR2004
        text="signed in, without a password",
    )
    kept = browser.ask(
        "POST", "/v1/memories", {"content": _TEXT}, said="id", Idempotency_Key="demo-1"
    )
    found = browser.ask("POST", "/v1/search", {"question": "orchid"})
    ids = [hit["memory"]["id"] for hit in found.body["items"]]
    memory = str(kept.body["id"])
    stage.check(
        holds=kept.status == 201 and memory in ids,  # noqa: PLR2004
        text="found at once by its words; by its meaning as soon as the node has read it",
    )
    return memory


def _erase(stage: Stage, browser: Visitor, memory: str) -> None:
    stage.say("What cannot be undone asks for the passkey once more, for this very request.")
    wanted = {"memories": [memory]}
    browser.ask("POST", "/v1/erasures", wanted)
    erased = browser.confirmed("POST", "/v1/erasures", wanted)
    gone = browser.ask("GET", f"/v1/memories/{memory}")
    stage.check(
        holds=erased.body["count"] == 1 and gone.status in {404, 410},
        text=f"erased; the receipt is entry {erased.body['receipt_entry']} of the record",
    )


def _token(stage: Stage, browser: Visitor) -> None:
    stage.say("A script gets a token that reads and does nothing else, until it is revoked.")
    made = browser.confirmed(
        "POST", "/v1/tokens", {"name": "nightly", "scopes": ["memory:read"], "days": 30}
    )
    script = Visitor(stage, browser.origin, browser.port, token=made.body["secret"])
    reads = script.ask("POST", "/v1/count", {}, said="count")
    writes = script.ask("POST", "/v1/memories", {"content": "not for me"}, Idempotency_Key="demo-2")
    browser.ask("DELETE", f"/v1/tokens/{made.body['id']}")
    after = script.ask("POST", "/v1/count", {})
    stage.check(
        holds=(reads.status, writes.status, after.status) == (200, 403, 401),
        text="it read, could not write, and is refused from the moment it was revoked",
    )


def _problem(stage: Stage, problem: dict[str, Any]) -> None:
    shown = {name: problem[name] for name in ("type", "title", "hint") if name in problem}
    for line in json.dumps(shown, indent=2, ensure_ascii=False).splitlines():
        stage.console.print(f"    [dim]{line}[/]", soft_wrap=True)


@contextmanager
def _node(stage: Stage) -> Iterator[dict[str, Any]]:
    """Start the node as a process of its own; stop it as Control-C does."""
    command = ["serve", "--port", "0", "--json"]
    stage.console.print("\n[dim]$[/] [bold]mnemosyne[/] serve --port 0")
    with subprocess.Popen(
        [sys.executable, "-m", "mnemosyne", *command],
        stdout=subprocess.PIPE,
        env=dict(os.environ),
    ) as process:
        try:
            line = b"" if process.stdout is None else process.stdout.readline()
            if not line:
                message = "the node did not start"
                raise DemoFailedError(message)
            facts: dict[str, Any] = json.loads(line)
            stage.console.print(f"The node answers at {facts['url']}")
            yield facts
            process.send_signal(signal.SIGINT)
            process.wait(_PATIENCE)
        finally:
            process.kill()
        if process.returncode:
            message = f"the node ended with {process.returncode}"
            raise DemoFailedError(message)
