"""What a person asks of a reel, from the command line, a preset or the page → options, or every fault at once.

    preset: social   ─► social.yaml ─┐
    target_s: 30     ────────────────┴► door ─► TimelineOptions, EditOptions, kind, files

What is asked for by itself wins over the preset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from highlights.choices import DEFAULT_CUT, Aspect, CutKind, Each, Order, PreviewFormat
from highlights.errors import ProfileError, RenderError
from highlights.profile.tree import Mistake, Node, read
from highlights.profile.words import refused, suggestion
from highlights.reel.film import CARD_S, FREEZE_S, LONGEST_FADE_S, RECAP_S, EditOptions
from highlights.reel.plan import SLOW, SLOW_AFTER_S, SLOW_BEFORE_S
from highlights.timeline import SHORTEST_S, TimelineOptions

PRESETS = Path(__file__).with_name("presets")

_DRAWN = ("aspect", "crossfade_s", "intro", "outro", "recap", "logo", "music", "slow_motion", "freeze", "subtitles")
_WANTED = {"logo": "picture", "music": "file with sound in it"}

Fade: TypeAlias = Annotated[float, Field(ge=0, le=LONGEST_FADE_S)]
Text: TypeAlias = Annotated[str, Field(max_length=200)]
File: TypeAlias = Annotated[str, Field(min_length=1, max_length=4096)]


class Door(BaseModel):
    """Everything that can be asked for; what is None is not asked for."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    reel: CutKind | None = None
    order: Order | None = None
    target_s: Annotated[float, Field(ge=SHORTEST_S, le=86_400)] | None = None
    replays: bool | None = None
    rolls: Annotated[float, Field(ge=0, le=10)] | None = None
    titles: bool | None = None
    fade_s: Fade | None = None
    crossfade_s: Fade | None = None
    aspect: Aspect | None = None
    intro: bool | Text | None = None
    outro: bool | Text | None = None
    recap: bool | None = None
    logo: File | None = None
    music: File | None = None
    slow_motion: bool | None = None
    freeze: bool | None = None
    subtitles: bool | None = None
    clips: bool | None = None
    each: list[Each] | None = None
    thumbnail: bool | None = None
    preview: PreviewFormat | None = None


@dataclass(frozen=True, slots=True)
class Files:
    """What is made beside the reel: every clip by itself, a reel for each kind of event, team or player, pictures of it."""

    clips: bool = False
    each: tuple[Each, ...] = ()
    thumbnail: bool = False
    preview: PreviewFormat | None = None


def options_of(asked: Mapping[str, object]) -> tuple[TimelineOptions, EditOptions, CutKind]:
    """How events become clips, how the film is made, and in which way: `auto` is the fastest that is exact for it.

    Args:
        asked: Values by the names of `Door`, and `preset`: the name of a preset, or the path of a YAML file.

    Raises:
        RenderError: a value makes no sense, or there is no such preset.
        ProfileError: the preset has faults; all of them, each with its line.
    """
    door = _door(asked)
    _check_way(door)
    edit = _edit(door)
    return _timeline(door, edit), edit, door.reel or DEFAULT_CUT


def files_of(asked: Mapping[str, object]) -> Files:
    """What is made beside the reel.

    Raises:
        RenderError, ProfileError: as `options_of`.
    """
    door = _door(asked)
    return Files(bool(door.clips), tuple(dict.fromkeys(door.each or ())), bool(door.thumbnail), door.preview)


def presets() -> list[str]:
    """Names of the presets."""
    return sorted(path.stem for path in PRESETS.glob("*.yaml"))


def _door(asked: Mapping[str, object]) -> Door:
    """The preset with what is asked for by itself laid over it."""
    own = {name: value for name, value in asked.items() if value is not None and name != "preset"}
    root = Node({name: Node(value, Path(), 0, name, str(value)) for name, value in own.items()}, Path(), 0, "")  # type: ignore[arg-type]
    door, mistakes = _checked(own, root)
    if door is None:
        raise RenderError("; ".join(mistake.text for mistake in mistakes))
    preset = asked.get("preset")
    if preset is None:
        return door
    return door.model_copy(update=_given(_preset(str(preset))) | _given(door))


def _given(door: Door) -> dict[str, object]:
    return {name: value for name, value in door if value is not None}


def _preset(name_or_path: str) -> Door:
    path = PRESETS / f"{name_or_path}.yaml" if name_or_path in presets() else Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        raise RenderError(f"there is no preset {name_or_path!r}: say {', '.join(presets())}, or the path of a .yaml file")
    root, mistakes = read(path)
    door, more = _checked(root.plain(), root) if root else (None, [])
    if mistakes or more or door is None:
        raise ProfileError(path, sorted((mistake.line, mistake.text) for mistake in (*mistakes, *more)))
    beside = {name: str(path.parent / file) for name in ("logo", "music") if (file := getattr(door, name))}
    return door.model_copy(update=beside)


def _checked(plain: object, root: Node) -> tuple[Door | None, list[Mistake]]:
    """What was asked for, or every fault of it."""
    given = dict(plain) if isinstance(plain, dict) else {}
    unknown = [name for name in given if name not in Door.model_fields]
    mistakes = [_child(root, name).mistake(f"unknown key{suggestion(name, Door.model_fields)}") for name in unknown]
    try:
        door = Door.model_validate({name: value for name, value in given.items() if name in Door.model_fields})
    except ValidationError as error:
        said = {mistake.dotted: mistake for mistake in refused(error, root, partial=False)}
        return None, [*mistakes, *said.values()]
    return (None if mistakes else door), mistakes


def _child(root: Node, name: str) -> Node:
    return root.get(name) or root


def _check_way(door: Door) -> None:
    """A reel that is copied cannot have what takes making its pictures or its sound anew."""
    drawn = [name.removesuffix("_s").replace("_", "-") for name in _DRAWN if getattr(door, name) not in (None, False, 0)]
    if drawn and door.reel in ("copy", "smart"):
        raise RenderError(
            f"{', '.join(drawn)}: --reel {door.reel} keeps pictures and sound as they are; use --reel edit or auto"
        )


def _timeline(door: Door, edit: EditOptions) -> TimelineOptions:
    # cards and halves of clips are never shorter than this, so at least so much is shared
    shared_s = min(edit.crossfade_s, SHORTEST_S / 2)
    cards_s = [length for length, there in _cards(edit) if there]
    slow_s = (SLOW_BEFORE_S + SLOW_AFTER_S) / float(SLOW) - shared_s if edit.slow_motion else 0.0
    return TimelineOptions(
        order=door.order or "chronological",
        target_s=door.target_s,
        replays=bool(door.replays),
        rolls=1.0 if door.rolls is None else door.rolls,
        around_s=sum(cards_s) - shared_s * (len(cards_s) - 1),
        beside_s=slow_s + (FREEZE_S if edit.freeze else 0.0) - shared_s,
        beside_replay_s=-shared_s,
    )


def _cards(edit: EditOptions) -> list[tuple[float, bool]]:
    """Length of each card, and whether there is one."""
    return [(CARD_S, edit.intro is not None), (RECAP_S, edit.recap), (CARD_S, edit.outro is not None)]


def _edit(door: Door) -> EditOptions:
    return EditOptions(
        aspect=Fraction(door.aspect.replace(":", "/")) if door.aspect else None,
        titles=door.titles is not False,
        fade_s=0.2 if door.fade_s is None else door.fade_s,
        crossfade_s=door.crossfade_s or 0.0,
        slow_motion=bool(door.slow_motion),
        freeze=bool(door.freeze),
        intro=_headline(door.intro),
        outro=_headline(door.outro),
        recap=bool(door.recap),
        logo=_file("logo", door.logo),
        music=_file("music", door.music),
        subtitles=bool(door.subtitles),
        most_s=door.target_s,
    )


def _headline(card: bool | str | None) -> str | None:
    """The words of a card, empty for the teams; None for no card."""
    return card if isinstance(card, str) else "" if card else None


def _file(name: str, path: str | None) -> Path | None:
    if path is not None and not Path(path).is_file():
        raise RenderError(f"{path}: no such file; give a {_WANTED[name]} as {name}")
    return Path(path) if path is not None else None
