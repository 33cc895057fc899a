"""The wheel in an empty environment, used from another folder, as after a plain `pip install`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.places import ROOT, SAMPLES

pytestmark = pytest.mark.long


def called(*command: Path | str, cwd: Path) -> str:
    """The stdout of a command in a folder, without anything of this checkout on its path."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(cwd / "home"), "PYTHONNOUSERSITE": "1"}
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that contains only the wheel and its dependencies."""
    place = tmp_path_factory.mktemp("installed")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", place, ROOT], check=True)
    subprocess.run([sys.executable, "-m", "venv", place / "venv"], check=True)
    [wheel] = place.glob("*.whl")
    programs = place / "venv" / "bin"
    install = [programs / "python", *pip[1:], "install", "--constraint", ROOT / "constraints.txt", wheel]
    subprocess.run(install, check=True, cwd=place)
    return programs


def test_the_installed_packages_are_compatible(installed: Path, tmp_path: Path) -> None:
    called(installed / "python", "-m", "pip", "check", cwd=tmp_path)
    packages = json.loads(called(installed / "python", "-m", "pip", "list", "--format", "json", cwd=tmp_path))
    assert [package["name"] for package in packages if "opencv" in package["name"]] == ["opencv-python-headless"]
    built = called(installed / "python", "-c", "import cv2; print(cv2.getBuildInformation())", cwd=tmp_path)
    assert "NONE" in next(line for line in built.splitlines() if line.strip().startswith("GUI:"))


def test_the_installed_program_finds_the_goals_of_the_sample(installed: Path, tmp_path: Path) -> None:
    printed = called(installed / "highlights", "run", SAMPLES / "soccer.mp4", "--out", "final", "--json", cwd=tmp_path)
    assert [event["score"] for event in json.loads(printed)["events"]] == ["1–1", "2–1", "3–1"]
    assert {file.name for file in (tmp_path / "final").iterdir()} == {
        "timeline.json",
        "timeline.csv",
        "report.html",
        "reel.mp4",
    }


def test_the_installed_program_has_what_it_needs(installed: Path, tmp_path: Path) -> None:
    assert "BAD" not in called(installed / "highlights", "doctor", cwd=tmp_path)
    assert "soccer" in called(installed / "highlights", "profiles", "list", cwd=tmp_path)
    spoken = called(
        installed / "python", "-c", "from highlights.review import languages as l; print(l.languages())", cwd=tmp_path
    )
    assert spoken.strip() == "['de', 'en']"
    completion = subprocess.run(
        [installed / "highlights"],
        env={"_HIGHLIGHTS_COMPLETE": "bash_source", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )
    assert b"_highlights_completion" in completion.stdout
