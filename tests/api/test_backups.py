"""Backups over HTTP: whoever runs the node makes, verifies and prunes them."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from demo.authenticator import Authenticator
from mnemosyne.kit.principal import Scope
from mnemosyne.kit.vault.passphrase import Argon2Parameters, Passphrase
from mnemosyne.memories.model import Draft
from tests.api.uploading import finished
from tests.passkeys import give_passkey, sign_in, stepped_up
from tests.requirements import requirement
from tests.serving import Served

PASSPHRASE = Passphrase("correct-horse-battery-staple-violin")
FAST = Argon2Parameters(memory_kib=64, passes=1, lanes=1)


class Admin:
    """Who runs the node, with a passkey."""

    def __init__(self, client: httpx.AsyncClient, device: Authenticator) -> None:
        self.client, self.device = client, device

    async def confirmed(self, path: str, body: object = None) -> httpx.Response:
        return await stepped_up(self.client, self.device, "POST", path, body)

    async def made(self, folder: Path) -> dict[str, object]:
        answer = await self.confirmed("/v1/backups", {"folder": str(folder)})
        assert answer.status_code == 202, answer.text
        return await finished(self.client, answer.json()["id"])


@pytest.fixture
async def admin(served: Served) -> Admin:
    device, client = Authenticator(), served.client()
    await give_passkey(served.node, served.ada.id, device)
    await sign_in(client, device)
    me = served.principal(served.ada)
    await served.node.keys.add(me, PASSPHRASE, FAST)  # so that it opens on another machine
    return Admin(client, device)


@requirement("serving.node-care")
async def test_a_backup_is_made_listed_verified_and_let_go(
    served: Served, admin: Admin, tmp_path: Path
) -> None:
    me = served.principal(served.ada)
    captured = await served.node.memories.capture(me, Draft("Walked around the lake."), "k")
    folder = tmp_path / "shelf"
    done = await admin.made(folder)
    (listed,) = (await admin.client.get("/v1/backups")).json()["items"]
    verified = await admin.confirmed(f"/v1/backups/{listed['id']}/verification")
    verdict = await finished(admin.client, verified.json()["id"])
    body = {"containing": captured.memory.id}
    due = (await admin.client.post("/v1/backups/prune/preview", json={})).json()
    going = (await admin.client.post("/v1/backups/prune/preview", json=body)).json()
    there = list(folder.glob("*.backup"))
    gone = (await admin.confirmed("/v1/backups/prune", body)).json()

    assert (done["state"], done["kind"]) == ("done", "backup")
    assert done["result"]["backup"] == listed  # type: ignore[index] # a job that is done
    assert listed["verified_at"]
    assert verdict["result"]["sha256"] == listed["sha256"]
    assert verdict["result"]["rows"]["memory"] == 1
    assert due == {"removed": [], "kept": [], "unreached": []}
    assert len(there) == 1
    assert [each["id"] for each in going["removed"]] == [listed["id"]]
    assert [each["id"] for each in gone["removed"]] == [listed["id"]]
    assert list(folder.glob("*.backup")) == []
    assert (await admin.client.get("/v1/backups")).json()["items"] == []


async def test_a_place_that_is_none_fails_the_job(served: Served, admin: Admin) -> None:
    inside = await admin.made(served.node.lock.home.path / "backups")
    relative = await admin.client.post("/v1/backups", json={"folder": "shelf"})

    assert inside["state"] == "failed"
    assert inside["error"]["code"] == "backup-destination"  # type: ignore[index] # it failed
    assert relative.json()["code"] in {"invalid-request", "step-up-required"}


async def test_a_backup_that_is_unknown_is_not_found(admin: Admin) -> None:
    absent = await admin.confirmed(f"/v1/backups/{'0' * 32}/verification")
    no_memory = await admin.client.post("/v1/backups/prune/preview", json={"containing": "0" * 32})

    assert (absent.status_code, absent.json()["code"]) == (404, "backup-not-found")
    assert (no_memory.status_code, no_memory.json()["code"]) == (404, "memory-not-found")


@requirement("serving.node-care")
async def test_only_who_runs_the_node_and_confirms_it_may(
    served: Served, admin: Admin, tmp_path: Path
) -> None:
    bob = await served.as_person(served.bob)
    token = await served.with_token(served.ada, [Scope.MEMORY_READ, Scope.MEMORY_WRITE])
    body = {"folder": str(tmp_path / "shelf")}
    asked = [
        ("GET", "/v1/backups", None),
        ("POST", "/v1/backups", body),
        ("POST", f"/v1/backups/{'0' * 32}/verification", None),
        ("POST", "/v1/backups/prune/preview", {}),
        ("POST", "/v1/backups/prune", {}),
    ]
    for method, path, content in asked:
        sent = {} if content is None else {"json": content}
        for client, code in ((bob, "missing-scope"), (token, "session-needed")):
            refused = await client.request(method, path, **sent)  # type: ignore[arg-type]
            assert (refused.status_code, refused.json()["code"]) == (403, code), path
    for path, content in (("/v1/backups", body), ("/v1/backups/prune", {})):
        refused = await admin.client.post(path, json=content)
        assert refused.json()["code"] == "step-up-required"
    assert not (tmp_path / "shelf").exists()


async def test_a_confirmation_is_for_one_folder_alone(
    served: Served, admin: Admin, tmp_path: Path
) -> None:
    served.clock.advance(timedelta(seconds=1))
    await admin.made(tmp_path / "one")
    other = await admin.client.post("/v1/backups", json={"folder": str(tmp_path / "two")})

    assert other.json()["code"] == "step-up-required"
    assert not (tmp_path / "two").exists()
