"""Hold every module to the shape that makes it cheap to import and easy to read."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("alerts", "crawler", "rules", "spiders", "state")
MODULES = [file for folder in OURS for file in sorted((ROOT / folder).rglob("*.py"))]
PACKAGES = [file for file in MODULES if file.name == "__init__.py"]
# The entry point of the command `yuewatch` is a name in this package.
ENTRY_POINT = "crawler/cli/__init__.py"


def _name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_a_package_holds_nothing_but_its_docstring():
    fuller = [
        _name(file)
        for file in PACKAGES
        if [type(node) for node in ast.parse(file.read_text("utf-8")).body] != [ast.Expr]
    ]
    assert fuller == [ENTRY_POINT]


def test_a_module_opens_with_a_docstring():
    assert [
        _name(file) for file in MODULES if not ast.get_docstring(ast.parse(file.read_text("utf-8")))
    ] == []


def test_a_module_that_defines_something_postpones_its_annotations():
    wanting = [
        _name(file)
        for file in MODULES
        if any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in _body(file))
        and not any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in _body(file))
    ]
    assert wanting == []


def test_no_function_rebinds_a_module_global():
    rebinding = [
        f"{_name(file)}:{node.lineno}"
        for file in MODULES
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Global)
    ]
    assert rebinding == []


def _body(file: Path) -> list[ast.stmt]:
    return ast.parse(file.read_text("utf-8")).body
