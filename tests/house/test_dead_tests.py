"""No test is asleep: each one asserts something, and each test file is collected."""

import ast
from pathlib import Path

import pytest

from tests.shared import ROOT

FILES = sorted((ROOT / "tests").rglob("test_*.py"))
ASKS = ("assert ", "pytest.raises", "expect(", "pytest.fail")


def functions(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def asks(body: str) -> bool:
    return any(word in body for word in ASKS)


def helpers(path: Path) -> set[str]:
    """Functions of the file, and of the tests' own modules it imports, that ask something themselves."""
    found = {f.name for f in functions(path) if not f.name.startswith("test_") and asks(ast.unparse(f))}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tests."):
            module = ROOT / (node.module.replace(".", "/") + ".py")
            names = {alias.name for alias in node.names}
            found |= {f.name for f in functions(module) if f.name in names and asks(ast.unparse(f))}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT / "tests")))
def test_every_test_asks_something(path: Path) -> None:
    judges = helpers(path)
    for test in functions(path):
        if test.name.startswith("test_"):
            called = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
            assert asks(ast.unparse(test)) or called & judges, f"{path.name}: {test.name} cannot fail"


def test_no_two_tests_of_a_file_share_a_name() -> None:
    for path in FILES:
        tree = ast.parse(path.read_text("utf-8"))
        names = [n.name for n in tree.body if isinstance(n, ast.FunctionDef)]
        assert len(names) == len(set(names)), path


def test_every_folder_of_tests_is_a_package() -> None:
    for path in FILES:
        assert (path.parent / "__init__.py").exists(), path


def test_no_test_sleeps_or_asks_the_network() -> None:
    for path in FILES:
        if path == Path(__file__):
            continue
        text = path.read_text("utf-8")
        assert "time.sleep(" not in text and 'urllib.request.urlopen("http' not in text, path
