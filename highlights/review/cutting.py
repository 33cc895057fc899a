"""Cutting the reel from the page: a frame-exact plan, then the reel itself, in the background."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from highlights import results
from highlights.choices import CutKind
from highlights.errors import RenderError
from highlights.export import report
from highlights.progress import Progress
from highlights.records import Timeline
from highlights.reel.film import EditOptions, plan
from highlights.reel.options import Files, files_of, options_of, presets
from highlights.reel.smart import fastest
from highlights.review import wire
from highlights.review.folder import LOGOS, MUSIC, file_in, names
from highlights.review.handing import SUFFIXES
from highlights.review.job import Job, Worker
from highlights.review.session import Session
from highlights.systems import is_file_name
from highlights.timeline import build

Options = Mapping[str, str | float | bool | None]


class Cutter:
    """Cuts reels of the session's current timeline."""

    def __init__(self, session: Session, worker: Worker) -> None:
        self._session = session
        self.worker = worker

    def files(self) -> dict[str, list[str]]:
        """Files of the opened folder: music and logos that a reel can use, and results that can be downloaded."""
        folder = self._session.folder
        return {"music": names(folder, MUSIC), "logo": names(folder, LOGOS), "results": names(folder, SUFFIXES)}

    def presets(self) -> list[str]:
        """Names of the presets."""
        return presets()

    def plan(self, options: Options) -> dict[str, object]:
        """What the reel would show and where, exact to the frame; nothing is decoded.

        Raises:
            RenderError: an option is invalid, or there is nothing to show.
        """
        timeline, edit, kind, _ = self._prepared(options)
        film = plan(timeline, edit)
        clips = [
            wire.clip(take.clip)
            | {
                "shows": take.shows,
                "reel_start_s": take.start_s,
                "reel_end_s": take.start_s + take.duration_s,
                "frames": take.frames,
            }
            for take in film.takes
        ]
        way = fastest(timeline, edit) if kind == "auto" else kind
        return {"clips": clips, "duration_s": float(film.frames / film.frame_rate), "way": way, "size": list(film.size)}

    def cut(self, options: Options) -> Job:
        """Start cutting the reel with the files beside it, and then the report.

        Raises:
            RenderError: an option is invalid.
            BusyError: another job is running.
        """
        session, target = self._session, self._session.folder / _name(options.get("out"))
        timeline, edit, kind, files = self._prepared(options)

        def work(progress: Progress) -> list[str]:
            tell = self.worker.tell
            made = results.write_reel(timeline, target, reel=kind, options=edit, files=files, progress=progress, on_note=tell)
            report.write_beside_reel(timeline, session.folder / "report.html")
            return [file.relative_to(session.folder).as_posix() for file in made]

        return self.worker.start("cutting the reel", work)

    def _prepared(self, options: Options) -> tuple[Timeline, EditOptions, CutKind, Files]:
        """The timeline with the clips that the options ask for, how they are cut, and the files beside the reel."""
        session = self._session
        asked = {name: value for name, value in options.items() if name != "out"}
        for name in ("music", "logo"):
            if asked.get(name):
                asked[name] = str(file_in(session.folder, str(asked[name])))
        if asked.get("preset") and asked["preset"] not in presets():
            asked["preset"] = str(file_in(session.folder, str(asked["preset"])))
        cut, edit, kind = options_of(asked)
        now = session.timeline
        built = build(now.recording, session.profile, now.events, now.near_misses, now.analysis, cut)
        timeline = replace(built, finders=now.finders)
        return timeline, edit, kind, files_of(asked)


def _name(out: object) -> str:
    name = str(out or "reel.mp4")
    if not is_file_name(name) or name.startswith(".") or not name.endswith(".mp4"):
        raise RenderError(f"{name[:80]}: give the reel a plain name that ends in .mp4")
    return name
