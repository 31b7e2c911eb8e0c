"""What is refused is told in words to whoever opened it, and as a problem to programs."""

from tests.requirements import requirement
from tests.web.conftest import OPENED, Site
from tests.web.test_pages import read


@requirement("web.messages")
async def test_what_is_not_there_is_a_page_for_a_person_and_a_problem_for_a_program(
    site: Site,
) -> None:
    page = read(await site.stranger().get("/nowhere"), 404)
    problem = await site.served.client(Accept="application/json").get("/nowhere")

    assert "There is nothing at this address" in page.text
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["code"] == "no-such-page"


async def test_whoever_is_signed_in_keeps_their_pages_at_hand_when_refused(site: Site) -> None:
    ada = await site.person(site.served.ada)
    stranger = site.stranger()

    for path in ("/nowhere", f"/devices/sessions/{'0' * 32}/end"):
        known = read(await ada.post(path), 404)
        unknown = await stranger.post("/nowhere")

        assert "Sign out" in known.text
        assert "Sign out" not in read(unknown, 404).text


async def test_what_the_resolver_does_not_have_is_a_page_for_a_person_too(site: Site) -> None:
    for path, words in (
        ("/1.0/mnem/x/log.jsonl", "No log of that DID is kept here"),
        ("/1.0/nowhere", "There is nothing at this address"),
    ):
        assert words in read(await site.stranger().get(path), 404).text


async def test_a_script_of_ours_gets_the_problem_and_no_page(site: Site) -> None:
    fetched = site.served.client(Accept="text/html, */*", **{"Sec-Fetch-Mode": "cors"})

    answer = await fetched.get("/nowhere")

    assert answer.headers["content-type"] == "application/problem+json"


async def test_another_host_is_told_that_it_went_astray_and_is_linked_nowhere(site: Site) -> None:
    answer = await site.stranger().get("/sign-in", headers={"Host": "evil.example"})

    page = read(answer, 421)
    actions = [each for each in page.all("a") if "button" in each.attributes.get("class", "")]
    assert actions == []


async def test_a_page_elsewhere_cannot_send_our_forms(site: Site) -> None:
    ada = await site.person(site.served.ada)
    ada.headers["Origin"] = "https://evil.example"

    for path in ("/sign-out", "/account/restriction", "/devices/sessions/end-others"):
        read(await ada.post(path), 403)


async def test_too_many_requests_say_how_long_to_wait(site: Site) -> None:
    stranger = site.stranger()
    for _ in range(1_000):
        site.limits["stranger"].take("127.0.0.1")

    answer = await stranger.get("/sign-in")

    page = read(answer, 429)

    assert answer.headers["retry-after"] == "60"
    assert "60 seconds" in page.text


async def test_a_form_of_another_kind_is_refused(site: Site) -> None:
    ada = await site.person(site.served.ada)

    answer = await ada.post(
        "/account/name", content=b"name=Eve", headers=OPENED | {"Content-Type": "text/plain"}
    )

    read(answer, 415)


async def test_a_long_form_is_refused(site: Site) -> None:
    ada = await site.person(site.served.ada)

    read(await ada.post("/account/name", data={"name": "x" * 20_000}), 413)
