"""The event profile on the page: its text, its faults while typing, and saving it beside the timeline."""

from __future__ import annotations

from pathlib import Path

from highlights import profile as profiles
from highlights.errors import ProfileError
from highlights.media.aside import draft_beside, write_aside
from highlights.profile import Profile
from highlights.review.session import PROFILE, Session


def shown(session: Session) -> dict[str, object]:
    """Name, path (if it is the user's own file), and text of the profile."""
    file = profiles.find(session.profile_name)
    return {"name": file.stem, "path": None if _built_in(session) else str(file), "text": profiles.source_text(file)}


def checked(session: Session, text: str) -> list[dict[str, object]]:
    """Every fault of a profile's text with its line; those of the file as a whole are on line 0."""
    try:
        _loaded(session, text)
    except ProfileError as error:
        faults = [*error.faults, *(fault for other in error.also for fault in other.faults)]
        return [{"line": line, "problem": problem} for line, problem in faults]
    return []


def saved(session: Session, text: str) -> None:
    """Save the text as the profile of this review: to its own file, or beside the timeline if it is a built-in one.

    Raises:
        ProfileError: it has faults; nothing is written.
        OutputError: it cannot be written.
    """
    _loaded(session, text)
    target = profile_file(session)
    with write_aside(target) as aside:
        aside.write_bytes(text.encode())
    session.use_profile(str(target), profiles.load(target))


def profile_file(session: Session) -> Path:
    """Where the profile of this review is saved: its own file, or one beside the timeline if it is a built-in one."""
    return session.folder / PROFILE if _built_in(session) else profiles.find(session.profile_name)


def _loaded(session: Session, text: str) -> Profile:
    """The profile in the text, read as if it lay beside the current one, so that the profile it extends is found."""
    folder = session.folder if _built_in(session) else profiles.find(session.profile_name).parent
    with draft_beside(folder / PROFILE) as draft:
        draft.write_bytes(text.encode("utf-8", "replace"))
        return profiles.load(draft)


def _built_in(session: Session) -> bool:
    return profiles.find(session.profile_name).parent == profiles.builtin_folder()
