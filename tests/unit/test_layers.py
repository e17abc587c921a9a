"""What the import linter cannot say: which part of Qt a layer may know, and what comes first."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("layer", ["workers", "session"])
def test_no_widgets_below_the_window(layer):
    files = sorted((ROOT / "app" / layer).rglob("*.py"))
    assert len(files) > 3
    known = {
        node.module
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("PySide6")
    }
    assert known == {"PySide6.QtCore"}
