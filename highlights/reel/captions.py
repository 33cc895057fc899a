"""Subtitles of a reel: a description of every clip, as SubRip text."""

from __future__ import annotations

from highlights.reel.chapters import chapter_title
from highlights.reel.film import Film, best_event
from highlights.reel.plan import Take

READ_PER_S = 15
"""Reading speed in characters per second."""
SHORTEST_S, LONGEST_S = 2.0, 8.0


def srt(film: Film) -> str:
    """A subtitle for every clip: its title, and the description of its event if there is one."""
    clips = [take for take in film.takes if take.shows == "clip"]
    return "\n".join(f"{number}\n{_cue(film, take)}\n" for number, take in enumerate(clips, 1))


def _cue(film: Film, take: Take) -> str:
    event = best_event(film.timeline, take.clip)
    description = event.description if event and not take.clip.replay else ""
    text = "\n".join(" ".join(line.split()) for line in (chapter_title(take.clip), description) if line.strip())
    shared_s = float(take.shared_frames / take.frame_rate)
    length_s = min(LONGEST_S, max(SHORTEST_S, len(text) / READ_PER_S), take.duration_s - shared_s)
    start_s = take.start_s + shared_s
    return f"{_time(start_s)} --> {_time(start_s + length_s)}\n{text.replace('-->', '→')}"


def _time(time_s: float) -> str:
    seconds, milliseconds = divmod(round(time_s * 1000), 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d},{milliseconds:03d}"
