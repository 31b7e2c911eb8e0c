"""Find what is unfinished or only pretends, in the syntax tree and the comments of a module."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

_WORDS = re.compile(
    r"\b(?:todo|fixme|xxx|hack|stub(?:bed)?|mock(?:ed)?|fake[ds]?|dummy|lorem ipsum"
    r"|not (?:yet )?implemented|unimplemented|coming soon)\b",
    re.IGNORECASE,
)
_NAMES = re.compile(
    r"(?:^|_)(?:todo|stub|mock|fake|dummy|placeholder)(?:_|$)|^(?:Mock|Fake|Stub|Dummy)"
)
_MAY_BE_EMPTY = {"abstractmethod", "overload"}


def unfinished(source: str) -> list[str]:
    """Return what is unfinished in ``source``, each with its line."""
    tree = ast.parse(source)
    found = [*_in_words(source), *_in_names(tree), *_in_branches(tree), *_in_functions(tree)]
    return [f"{line}: {what}" for line, what in sorted(found)]


def _in_words(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in {tokenize.COMMENT, tokenize.STRING} and _WORDS.search(token.string):
            yield token.start[0], f"says {token.string[:60]}"


def _in_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and (
            _NAMES.search(node.name)
        ):
            yield node.lineno, f"is named {node.name}"


def _in_branches(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Pass):
            yield node.lineno, "pass"
        elif isinstance(node, ast.Raise) and "NotImplemented" in ast.unparse(node):
            yield node.lineno, "raises NotImplementedError"
        elif isinstance(node, ast.Assert) and isinstance(node.test, ast.Constant):
            yield node.lineno, "asserts a constant"
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Constant):
            yield node.lineno, "branches on a constant"


def _in_functions(tree: ast.Module) -> Iterator[tuple[int, str]]:
    interfaces = {
        method
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and "Protocol" in map(_name, node.bases)
        for method in node.body
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node in interfaces:
            continue
        if _MAY_BE_EMPTY.intersection(map(_name, node.decorator_list)):
            continue
        if all(_says_nothing(statement) for statement in node.body):
            yield node.lineno, f"{node.name} has no body"


def _says_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _name(node: ast.expr) -> str:
    return ast.unparse(node).split("[")[0].rpartition(".")[2]
