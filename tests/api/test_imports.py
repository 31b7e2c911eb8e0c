"""Imports over HTTP: a file is brought, a job reads it, and nothing of the file stays."""

import io
import zipfile
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from mnemosyne.accounts import restriction
from mnemosyne.api.memory import uploads
from mnemosyne.events.jobs import OF_A_PERSON
from mnemosyne.kit.principal import Scope
from mnemosyne.memories.model import Filter
from mnemosyne.memories.service.importer import ImportOptions
from tests.api.uploading import bring, finished, named, nothing_is_left, upload
from tests.api.wire import Wire
from tests.requirements import requirement
from tests.serving import Served

NOTE = b"Walked around the lake with Tomas."


async def texts(served: Served) -> list[str]:
    page = await served.node.memories.page(served.principal(served.ada), Filter(), limit=100)
    return sorted(each.content for each in page.items)


@pytest.fixture
async def ada(served: Served) -> httpx.AsyncClient:
    return await served.as_person(served.ada)


@requirement("serving.uploads")
async def test_a_file_is_imported_and_its_job_tells_of_it(
    served: Served, ada: httpx.AsyncClient
) -> None:
    answer = await upload(ada, NOTE, "diary/2024-05-06.md")
    job = answer.json()
    done = await finished(ada, job["id"])

    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/jobs/{answer.json()['id']}"
    assert (job["kind"], job["state"], job["result"]) == ("import", "queued", None)
    assert done["state"] == "done"
    assert done["progress"] == {"step": "importing", "done": 1, "total": 1}
    assert done["result"]["memories"]["stored"] == 1
    assert done["result"]["units"] == {"stored": 1}
    assert await texts(served) == [NOTE.decode()]
    assert [each["id"] for each in (await ada.get("/v1/jobs")).json()["items"]] == [job["id"]]
    assert nothing_is_left(served)


async def test_the_same_file_again_changes_nothing(ada: httpx.AsyncClient) -> None:
    await bring(ada, NOTE, "diary/2024-05-06.md")
    again = await bring(ada, NOTE, "diary/2024-05-06.md")
    changed = await bring(ada, b"Swam in it.", "diary/2024-05-06.md")

    assert again["result"]["memories"]["unchanged"] == 1
    assert changed["result"]["memories"]["updated"] == 1


async def test_a_file_from_the_shell_is_known_again_over_http(
    served: Served, ada: httpx.AsyncClient, tmp_path: Path
) -> None:
    folder = tmp_path / "diary"
    folder.mkdir()
    (folder / "lake.md").write_bytes(NOTE)
    await served.node.importer.run(served.principal(served.ada), folder, ImportOptions())
    again = await bring(ada, NOTE, "diary/lake.md")

    assert again["result"]["memories"] == {
        "stored": 0, "updated": 0, "unchanged": 1, "conflicts": 0,
        "forgotten": 0, "erased": 0, "returned": 0,
    }  # fmt: skip


async def test_the_options_are_those_of_the_shell(served: Served, ada: httpx.AsyncClient) -> None:
    dry = await bring(ada, NOTE, "lake.txt", dry_run="true", format="text")
    before = await texts(served)
    dated = await bring(
        ada, NOTE, "lake.txt", modified="2021-02-03T04:05:06Z", timezone="Europe/Lisbon"
    )
    (memory,) = (await served.node.memories.page(served.principal(served.ada), Filter())).items
    await served.node.bin.forget(served.principal(served.ada), [memory.id])
    left = await bring(ada, NOTE, "lake.txt")
    back = await bring(ada, NOTE, "lake.txt", include_forgotten="true")

    assert (dry["result"]["dry_run"], dry["result"]["memories"]["stored"]) == (True, 1)
    assert before == []
    assert dated["result"]["memories"]["stored"] == 1
    assert memory.occurred.at.isoformat() == "2021-02-03T04:05:06+00:00"
    assert left["result"]["memories"]["forgotten"] == 1
    assert back["result"]["memories"]["returned"] == 1


async def test_a_zip_is_read_without_being_unpacked(served: Served, ada: httpx.AsyncClient) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes/one.md", "one")
        archive.writestr("notes/two.md", "two")
    done = await bring(ada, content.getvalue(), "notes.zip")

    assert done["result"]["memories"]["stored"] == 2
    assert await texts(served) == ["one", "two"]
    assert nothing_is_left(served)


def bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.md", b"\0" * 60_000_000)
    return content.getvalue()


def climbing() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("../../outside.md", "out")
    return content.getvalue()


HOSTILE = {
    "bomb.zip": (bomb, "unsafe-archive"),
    "climbing.zip": (climbing, "unsafe-archive"),
    "cut.zip": (lambda: climbing()[:60], "damaged-archive"),
    "noise.pdf": (lambda: b"%PDF-1.7 \0\0\0", "unknown-format"),
    "empty.json": (lambda: b"", "unknown-format"),
}


@requirement("serving.uploads")
async def test_a_hostile_file_fails_its_job_and_leaves_nothing(
    served: Served, ada: httpx.AsyncClient
) -> None:
    for name, (content, code) in HOSTILE.items():
        failed = await bring(ada, content(), name)

        assert (failed["state"], failed["result"]) == ("failed", None)
        assert failed["error"]["code"] == code
        assert 400 <= failed["error"]["status"] < 500
        assert failed["error"]["title"]
    assert await texts(served) == []
    assert nothing_is_left(served)


HOSTILE_NAMES = (
    "../lake.md", "a/../b.md", "/etc/passwd", ".hidden", "a//b.md", "a%00.md", "a%0Ab.md",
    "%2E%2E/x.md", "a%2Fb.md", "%FF.md", "", "a b.md", "x" * 1025, "ä.md",
)  # fmt: skip


async def test_a_hostile_name_is_refused_before_the_file_is_read(ada: httpx.AsyncClient) -> None:
    for name in HOSTILE_NAMES:
        headers = [(b"Content-Type", uploads.OCTETS.encode()), (b"File-Name", name.encode())]
        refused = await ada.post("/v1/imports", content=NOTE, headers=headers)

        assert (refused.status_code, refused.json()["code"]) == (422, "invalid-request")
        assert refused.json()["errors"][0]["pointer"] == "/header/File-Name"


async def test_a_name_in_any_script_is_taken(ada: httpx.AsyncClient) -> None:
    done = await bring(ada, NOTE, "Tageb%C3%BCcher/%E6%97%A5%E8%A8%98%20%F0%9F%93%93.md")

    assert done["result"]["memories"]["stored"] == 1


async def test_a_zone_that_is_unknown_fails_the_job(ada: httpx.AsyncClient) -> None:
    failed = await bring(ada, NOTE, "lake.md", timezone="Atlantis/Port")

    assert failed["error"]["code"] == "unknown-zone"


async def pieces(*sizes: int) -> AsyncIterator[bytes]:
    for size in sizes:
        yield b"x" * size


@requirement("serving.uploads")
async def test_an_upload_that_is_too_large_is_refused_whatever_it_declared(
    served: Served, ada: httpx.AsyncClient
) -> None:
    declared = await ada.post(
        "/v1/imports",
        content=b"",
        headers={**named("big.md"), "Content-Length": str(uploads.LARGEST_UPLOAD + 1)},
    )
    counted = await ada.post(
        "/v1/imports", content=pieces(*[1_000_000] * 201), headers=named("big.md")
    )

    for refused in (declared, counted):
        assert refused.status_code == 413
        assert refused.json()["code"] == "body-too-large"
    assert nothing_is_left(served)


@requirement("serving.uploads")
async def test_an_upload_that_is_cut_off_leaves_nothing(
    served: Served, ada: httpx.AsyncClient
) -> None:
    async with Wire(served.app, ada, "POST", "/v1/imports", **named("cut.md")) as wire:
        wire.give(b"x" * 2_000_000, more=True)
        wire.hang_up()
        status = await wire.status()

    assert status == 400
    assert (await ada.get("/v1/jobs")).json()["items"] == []
    assert nothing_is_left(served)


@requirement("serving.uploads")
async def test_a_cancelled_import_leaves_nothing_of_its_file(
    served: Served, ada: httpx.AsyncClient
) -> None:
    lines = b"".join(b'{"content": "line %d"}\n' % number for number in range(1_000))
    job = (await upload(ada, lines, "many.jsonl")).json()["id"]
    following = served.node.jobs.follow(served.ada.id, job)
    async for state in following:
        if state is not None and state.progress.done:
            break
    await following.aclose()
    cancelled = await ada.delete(f"/v1/jobs/{job}")
    stored = len(await texts(served))

    assert cancelled.status_code == 204
    assert (await ada.get(f"/v1/jobs/{job}")).status_code == 404
    assert nothing_is_left(served)
    again = await bring(ada, lines, "many.jsonl")
    counts = again["result"]["memories"]
    assert counts["stored"] + counts["unchanged"] == 1_000
    assert (counts["unchanged"] > 0) == (stored > 0)


async def test_so_many_files_wait_and_no_more(served: Served, ada: httpx.AsyncClient) -> None:
    with ExitStack() as waiting:
        for _ in range(OF_A_PERSON):
            waiting.enter_context(served.node.jobs.room(served.ada.id))
        refused = await upload(ada, NOTE, "lake.md")
        other = await upload(await served.as_person(served.bob), NOTE, "mine.md")

    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-jobs")
    assert refused.headers["Retry-After"] == "10"
    assert other.status_code == 202
    assert (await bring(ada, NOTE, "lake.md"))["state"] == "done"


async def test_an_import_needs_the_scope_and_the_right_kind_of_body(
    served: Served, ada: httpx.AsyncClient
) -> None:
    reader = await served.with_token(served.ada, [Scope.MEMORY_READ])
    writer = await served.with_token(served.ada, [Scope.MEMORY_WRITE, Scope.MEMORY_READ])
    text = await ada.post(
        "/v1/imports", content=NOTE, headers={**named("a.md"), "Content-Type": "text/plain"}
    )

    assert (await upload(served.client(), NOTE, "a.md")).status_code == 401
    assert (await upload(reader, NOTE, "a.md")).json()["code"] == "missing-scope"
    assert text.json()["code"] == "unsupported-media-type"
    assert (await bring(writer, NOTE, "a.md"))["state"] == "done"


async def test_an_import_belongs_to_whoever_brought_it(served: Served) -> None:
    bob = await served.as_person(served.bob)
    done = await bring(bob, NOTE, "lake.md")
    mine = await served.node.memories.page(served.principal(served.bob), Filter())

    assert done["state"] == "done"
    assert [each.content for each in mine.items] == [NOTE.decode()]
    assert await texts(served) == []


async def test_whoever_restricted_processing_imports_nothing(
    served: Served, ada: httpx.AsyncClient
) -> None:
    at = served.clock()
    await served.node.database.write(lambda tx: restriction.restrict(tx, served.ada.id, at))
    refused = await upload(ada, NOTE, "lake.md")

    assert (refused.status_code, refused.json()["code"]) == (409, "processing-restricted")
    assert (await ada.get("/v1/jobs")).json()["items"] == []
