"""What is in the package is real; what is not built yet is left out."""

import pytest

from tests.house.tree import ROOT
from tests.house.unfinished import unfinished
from tests.requirements import requirement


@requirement("house.no-fakes")
def test_no_file_of_the_package_is_unfinished_or_pretends() -> None:
    package = ROOT / "src" / "mnemosyne"
    found = {
        str(path.relative_to(package)): problems
        for path in sorted(package.rglob("*.py"))
        if (problems := unfinished(path.read_text("utf-8")))
    }

    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "# TODO: later\n",
        'MESSAGE = "not implemented"\n',
        "def search():\n    pass\n",
        "def search():\n    ...\n",
        'def search():\n    """Find it."""\n',
        "async def search():\n    raise NotImplementedError\n",
        "def search():\n    raise NotImplementedError('soon')\n",
        "class FakeEmbedder:\n    size = 3\n",
        "def embed_stub():\n    return 1\n",
        "if False:\n    search()\n",
        "try:\n    search()\nexcept ValueError:\n    pass\n",
        "class Port:\n    def method(self): ...\n",
    ],
)
def test_what_is_unfinished_is_found(source: str) -> None:
    assert unfinished(source) != []


@pytest.mark.parametrize(
    "source",
    [
        'class Port(Protocol):\n    def method(self) -> int:\n        """Do it."""\n        ...\n',
        "class Port(typing.Protocol[T]):\n    def method(self) -> int: ...\n",
        "class Base:\n    @abstractmethod\n    def method(self) -> int: ...\n",
        'class LostError(Exception):\n    """It is lost."""\n',
        "try:\n    search()\nexcept NotImplementedError:\n    recover()\n",
        "def hackney():\n    return 'methods'\n",
    ],
)
def test_what_is_finished_passes(source: str) -> None:
    assert unfinished(source) == []
