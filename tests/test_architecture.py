"""Every file imports only from those before it, and the command line starts without heavy libraries."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.support.places import ROOT

PACKAGE = ROOT / "highlights"
ORDER = (
    *(
        "errors",
        "texts",
        "imports",
        "supervision",
        "confinement",
        "spans",
        "choices",
        "records",
        "progress",
        "logs",
        "systems",
        "cores",
        "profile",
        "media",
        "analysis",
        "windows",
        "dialects",
    ),
    *(
        "backends",
        "cache",
        "finders",
        "guard",
        "merge",
        "moments",
        "timeline",
        "edges",
        "decisions",
        "match_report",
        "reel",
        "export",
        "models",
        "questions",
    ),
    *("evaluation", "results", "pipeline", "batch", "calibrate", "review", "library", "app", "cli", "__main__"),
)
APART = ("score", "scenes", "sound")
"""The folders of `analysis` that do not import each other; `analysis/reading.py` stands over all three."""
HEAVY = (
    "torch",
    "transformers",
    "cv2",
    "av",
    "numpy",
    "moviepy",
    "scenedetect",
    "rapidocr",
    "onnxruntime",
    "pydantic",
    "jinja2",
    "PIL",
    "fastapi",
    "uvicorn",
)
MODELS = {"torch", "torchvision", "transformers", "torchcodec", "qwen_vl_utils", "openai"}
FILES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    """`highlights.media.probe` for its file, `highlights.media` for the package's."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path) for path in FILES}


@cache
def imports(path: Path) -> tuple[tuple[str, int], ...]:
    """Every module that a file imports anywhere, with the line, except those only for type checking."""
    return tuple(_imports(ast.parse(path.read_text(encoding="utf-8"))))


def _imports(node: ast.AST) -> Iterator[tuple[str, int]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.Import):
            yield from ((alias.name, child.lineno) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert not child.level, "imports are absolute"
            module = child.module or ""
            for alias in child.names:
                inner = f"{module}.{alias.name}"
                yield (inner if inner in MODULES else module), child.lineno
        yield from _imports(child)


def own(path: Path) -> list[tuple[str, int]]:
    return [(module, line) for module, line in imports(path) if module.split(".")[0] == "highlights"]


def storey(module: str) -> int:
    """Position of a module's file or folder in the order; the package itself, which any may import, is first."""
    parts = module.split(".")
    return -1 if len(parts) == 1 else ORDER.index(parts[1])


def test_every_module_of_the_package_is_in_the_order():
    assert {module.split(".")[1] for module in MODULES - {"highlights"}} == set(ORDER)


@pytest.mark.parametrize("path", [p for p in FILES if p != PACKAGE / "__init__.py"], ids=name_of)
def test_a_file_imports_only_from_those_before_it(path):
    mine = storey(name_of(path))
    upward = [f"{path.relative_to(ROOT)}:{line}: imports {module}" for module, line in own(path) if storey(module) > mine]
    assert not upward


@pytest.mark.parametrize("folder", APART)
def test_score_scenes_and_sound_do_not_import_each_other(folder):
    files = [path for path in FILES if path.is_relative_to(PACKAGE / "analysis" / folder)]
    others = tuple(f"highlights.analysis.{other}" for other in APART if other != folder)
    assert files
    assert not [f"{path}:{line}" for path in files for module, line in own(path) if module.startswith(others)]


def test_shared_option_groups_do_not_import_the_commands():
    assert not [line for module, line in own(PACKAGE / "cli" / "options.py") if module.startswith("highlights.cli.main")]


def test_nothing_outside_the_tests_imports_from_them():
    files = [path for folder in ("highlights", "benchmarks", "samples") for path in (ROOT / folder).rglob("*.py")]
    assert not [f"{path}:{line}" for path in files for module, line in imports(path) if module.split(".")[0] == "tests"]


def test_there_is_no_import_cycle():
    graph = {name_of(path): {module for module, _ in own(path)} - {name_of(path)} for path in FILES}
    del graph["highlights"]  # its names are imported on first use
    list(TopologicalSorter(graph).static_order())


def test_only_the_backends_and_the_gpu_decoder_import_a_model_library():
    known = {name_of(path) for path in FILES for module, _ in imports(path) if module.split(".")[0] in MODELS}
    assert known
    assert all(name.startswith("highlights.backends.") or name == "highlights.media.footage.torchcodec" for name in known)


def loaded_by(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter has loaded after some code."""
    script = f"{code}\nimport sys; print(*sorted({{m.split('.')[0] for m in sys.modules}}), sep='\\n')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import highlights",
        "from highlights import HighlightsError",
        "from highlights.cli.main import main; main(['--help'], standalone_mode=False)",
        "from highlights.cli.main import main; main(['run', '--help'], standalone_mode=False)",
        "import highlights.errors, highlights.spans, highlights.records",
    ],
)
def test_nothing_heavy_is_loaded_before_there_is_work(code):
    assert not loaded_by(code) & set(HEAVY)


def test_no_model_library_is_loaded_before_a_model_is_asked_for():
    everything = ", ".join(sorted(MODULES - {"highlights.__main__"}))
    assert not loaded_by(f"import {everything}") & MODELS


def test_every_exported_name_exists():
    import highlights

    for name in highlights.__all__:
        assert getattr(highlights, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'reel_of_fortune'"):
        highlights.reel_of_fortune  # noqa: B018
