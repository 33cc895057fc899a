"""The report with its thumbnails, written where the recording or the reel may be missing."""

from __future__ import annotations

import re
from pathlib import Path

from highlights.export import report
from tests.support.served import make_match

THUMBNAIL = re.compile(r"data:image/jpeg;base64,[\w+/=]+")


def test_each_event_has_its_thumbnail(tmp_path: Path) -> None:
    report.write(make_match(tmp_path), tmp_path / "report.html")
    assert len(set(THUMBNAIL.findall((tmp_path / "report.html").read_text(encoding="utf-8")))) == 3


def test_a_report_is_written_without_pictures_when_the_recording_is_gone(tmp_path: Path) -> None:
    timeline = make_match(tmp_path)
    (tmp_path / "match.mp4").unlink()
    report.write(timeline, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not THUMBNAIL.search(page)
    assert "Shot on goal" in page


def test_a_report_in_a_folder_without_a_reel_plays_none(tmp_path: Path) -> None:
    report.write_beside_reel(make_match(tmp_path), tmp_path / "report.html")
    assert "reel.mp4" not in (tmp_path / "report.html").read_text(encoding="utf-8")
