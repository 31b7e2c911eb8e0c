"""What a person called things stays out of addresses: those are logged and kept in histories."""

from collections.abc import Iterator
from typing import Final

from fastapi.routing import APIRoute
from pydantic import BaseModel

from mnemosyne.api.app import NOUNS
from tests.requirements import requirement

OWN_WORDS: Final = frozenset(
    {"tag", "tags", "person", "people", "question", "name", "alias", "content", "title"}
)


@requirement("serving.own-words")
def test_no_operation_takes_a_persons_own_words_in_its_address() -> None:
    routes = [route for noun in NOUNS for route in noun.router.routes]
    taken = {
        (route.path, name) for route in routes if isinstance(route, APIRoute) for name in _of(route)
    }

    assert ("/v1/memories", "thread_id") in taken  # members of a query are seen one by one
    assert {(path, name) for path, name in taken if name in OWN_WORDS} == set()


def _of(route: APIRoute) -> Iterator[str]:
    """Yield what an address of ``route`` can hold."""
    for parameter in (*route.dependant.query_params, *route.dependant.path_params):
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from kind.model_fields
        else:
            yield parameter.alias
