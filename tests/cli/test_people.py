from tests.cli.conftest import Cli


def everyone(cli: Cli) -> dict[str, list[str]]:
    return {each["name"]: each["aliases"] for each in cli.json("people", "list")["people"]}


def test_people_have_a_name_and_others(cli: Cli) -> None:
    shown = cli.ok("people", "add", "Tomás Vidal", "--alias", "Tomás", "--alias", "Tommy")

    assert "Tomás Vidal" in shown
    assert everyone(cli) == {"Tomás Vidal": ["Tommy", "Tomás"]}
    assert "Tommy" in cli.ok("people", "list")


def test_a_name_stands_for_one_person(cli: Cli) -> None:
    cli.ok("people", "add", "Tomás Vidal", "--alias", "Tomás")

    answer = cli("people", "add", "Tomás Reis", "--alias", "Tomás")

    assert answer.code == 4
    assert "is a name of Tomás Vidal already" in answer.err


def test_two_become_one_and_one_becomes_two(cli: Cli) -> None:
    cli.ok("people", "add", "Tom")
    cli.ok("people", "add", "Tomás Vidal")

    cli.ok("people", "merge", "Tom", "Tomás Vidal")
    assert everyone(cli) == {"Tomás Vidal": ["Tom"]}

    cli.ok("people", "split", "Tom")
    assert everyone(cli) == {"Tom": [], "Tomás Vidal": []}


def test_names_and_people_are_taken_off(cli: Cli) -> None:
    cli.ok("people", "add", "Tomás Vidal", "--alias", "Tom")

    assert "nobody’s name any more" in cli.ok("people", "remove-alias", "Tom")
    cli.ok("people", "remove", "Tomás Vidal")

    assert everyone(cli) == {}


def test_an_unknown_name_is_not_found(cli: Cli) -> None:
    for command in ("remove", "remove-alias", "split"):
        assert cli("people", command, "Nobody").code == 3


def test_a_name_that_is_too_long_is_refused(cli: Cli) -> None:
    assert cli("people", "add", "x" * 129).code == 2
