"""What a user asks of a reel, from the command line, a preset or the page → options, or every fault at once.

    preset: social   ─► social.yaml ─┐
    target_s: 30     ────────────────┴► request ─► TimelineOptions, EditOptions, kind, files

A single option overrides the preset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from highlights.choices import DEFAULT_CUT, Aspect, CutKind, Each, Order, PreviewFormat
from highlights.errors import ProfileError, RenderError
from highlights.profile.tree import Mistake, Node, read
from highlights.profile.words import refused, suggestion
from highlights.reel.film import CARD_S, FREEZE_S, LONGEST_FADE_S, RECAP_S, EditOptions
from highlights.reel.plan import SLOW, SLOW_AFTER_S, SLOW_BEFORE_S
from highlights.reel.size_limit import bytes_of
from highlights.timeline import SHORTEST_S, TimelineOptions

PRESETS = Path(__file__).with_name("presets")

_DRAWN = ("aspect", "crossfade_s", "intro", "outro", "recap", "logo", "music", "slow_motion", "freeze", "subtitles")
_EXPECTED = {"logo": "a picture", "music": "an audio file"}


def _bytes(size: object) -> int:
    """The bytes of a size as it is written, `16MB`, or of a number of them."""
    if isinstance(size, bool) or not isinstance(size, str | int | float):
        raise PydanticCustomError("size", "must be a size such as 16MB")
    try:
        return bytes_of(size if isinstance(size, str) else f"{size:.0f}")
    except ValueError as error:
        raise PydanticCustomError("size", "{problem}", {"problem": str(error)}) from error


Bytes: TypeAlias = Annotated[int, BeforeValidator(_bytes)]
Fade: TypeAlias = Annotated[float, Field(ge=0, le=LONGEST_FADE_S)]
Text: TypeAlias = Annotated[str, Field(max_length=200)]
File: TypeAlias = Annotated[str, Field(min_length=1, max_length=4096)]


class ReelRequest(BaseModel):
    """Every option of a reel; None means not given."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    reel: CutKind | None = None
    order: Order | None = None
    target_s: Annotated[float, Field(ge=SHORTEST_S, le=86_400)] | None = None
    max_size: Bytes | None = None
    replays: bool | None = None
    condense: bool | None = None
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
    """The files beside the reel: every clip, a reel for each kind of event, team or player, pictures."""

    clips: bool = False
    each: tuple[Each, ...] = ()
    thumbnail: bool = False
    preview: PreviewFormat | None = None


def options_of(asked: Mapping[str, object]) -> tuple[TimelineOptions, EditOptions, CutKind]:
    """How events become clips, how the film is made, and how it is cut: `auto` is the fastest way that is exact for it.

    Args:
        asked: Values by the names of `ReelRequest`, and `preset`: the name of a preset, or the path of a YAML file.

    Raises:
        RenderError: a value is invalid, or there is no such preset.
        ProfileError: the preset has faults; all of them, each with its line.
    """
    request = _request(asked)
    _check_way(request)
    edit = _edit(request)
    return _timeline(request, edit), edit, request.reel or DEFAULT_CUT


def files_of(asked: Mapping[str, object]) -> Files:
    """The files beside the reel.

    Raises:
        RenderError, ProfileError: as `options_of`.
    """
    request = _request(asked)
    return Files(bool(request.clips), tuple(dict.fromkeys(request.each or ())), bool(request.thumbnail), request.preview)


def presets() -> list[str]:
    """Names of the presets."""
    return sorted(path.stem for path in PRESETS.glob("*.yaml"))


def _request(asked: Mapping[str, object]) -> ReelRequest:
    """The preset overridden by the single options."""
    own = {name: value for name, value in asked.items() if value is not None and name != "preset"}
    root = Node({name: Node(value, Path(), 0, name, str(value)) for name, value in own.items()}, Path(), 0, "")  # type: ignore[arg-type]
    request, mistakes = _checked(own, root)
    if request is None:
        raise RenderError("; ".join(mistake.text for mistake in mistakes))
    preset = asked.get("preset")
    if preset is None:
        return request
    return request.model_copy(update=_given(_preset(str(preset))) | _given(request))


def _given(request: ReelRequest) -> dict[str, object]:
    return {name: value for name, value in request if value is not None}


def _preset(name_or_path: str) -> ReelRequest:
    path = PRESETS / f"{name_or_path}.yaml" if name_or_path in presets() else Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        raise RenderError(f"unknown preset {name_or_path!r}: use {', '.join(presets())}, or the path of a .yaml file")
    root, mistakes = read(path)
    request, more = _checked(root.plain(), root) if root else (None, [])
    if mistakes or more or request is None:
        raise ProfileError(path, sorted((mistake.line, mistake.text) for mistake in (*mistakes, *more)))
    beside = {name: str(path.parent / file) for name in ("logo", "music") if (file := getattr(request, name))}
    return request.model_copy(update=beside)


def _checked(plain: object, root: Node) -> tuple[ReelRequest | None, list[Mistake]]:
    """The request, or every fault of it."""
    given = dict(plain) if isinstance(plain, dict) else {}
    unknown = [name for name in given if name not in ReelRequest.model_fields]
    mistakes = [
        (root.get(name) or root).mistake(f"unknown key{suggestion(name, ReelRequest.model_fields)}") for name in unknown
    ]
    try:
        request = ReelRequest.model_validate({name: value for name, value in given.items() if name in ReelRequest.model_fields})
    except ValidationError as error:
        said = {mistake.dotted: mistake for mistake in refused(error, root, partial=False)}
        return None, [*mistakes, *said.values()]
    return (None if mistakes else request), mistakes


def _check_way(request: ReelRequest) -> None:
    """Refuse options that need re-encoding with a way to cut that does not re-encode."""
    drawn = [name.removesuffix("_s").replace("_", "-") for name in _DRAWN if getattr(request, name) not in (None, False, 0)]
    if drawn and request.reel in ("copy", "smart"):
        raise RenderError(
            f"{', '.join(drawn)}: --reel {request.reel} does not re-encode video or audio; use --reel edit or auto"
        )


def _timeline(request: ReelRequest, edit: EditOptions) -> TimelineOptions:
    # cards and halves of clips are never shorter than this, so at least this much is shared
    shared_s = min(edit.crossfade_s, SHORTEST_S / 2)
    cards_s = [length for length, there in _cards(edit) if there]
    slow_s = (SLOW_BEFORE_S + SLOW_AFTER_S) / float(SLOW) - shared_s if edit.slow_motion else 0.0
    return TimelineOptions(
        order=request.order or "chronological",
        target_s=request.target_s,
        replays=bool(request.replays),
        condense=bool(request.condense),
        rolls=1.0 if request.rolls is None else request.rolls,
        around_s=sum(cards_s) - shared_s * (len(cards_s) - 1),
        beside_s=slow_s + (FREEZE_S if edit.freeze else 0.0) - shared_s,
        beside_replay_s=-shared_s,
    )


def _cards(edit: EditOptions) -> list[tuple[float, bool]]:
    """Length of each card in seconds, and whether there is one."""
    return [(CARD_S, edit.intro is not None), (RECAP_S, edit.recap), (CARD_S, edit.outro is not None)]


def _edit(request: ReelRequest) -> EditOptions:
    return EditOptions(
        aspect=Fraction(request.aspect.replace(":", "/")) if request.aspect else None,
        # a match without its pauses is watched like a match: nothing is drawn over it unless asked for
        titles=not request.condense if request.titles is None else request.titles,
        fade_s=(0.0 if request.condense else 0.2) if request.fade_s is None else request.fade_s,
        crossfade_s=request.crossfade_s or 0.0,
        slow_motion=bool(request.slow_motion),
        freeze=bool(request.freeze),
        intro=_headline(request.intro),
        outro=_headline(request.outro),
        recap=bool(request.recap),
        logo=_file("logo", request.logo),
        music=_file("music", request.music),
        subtitles=bool(request.subtitles),
        most_s=request.target_s,
        max_bytes=request.max_size,
    )


def _headline(card: bool | str | None) -> str | None:
    """The headline of a card, empty for the teams; None for no card."""
    return card if isinstance(card, str) else "" if card else None


def _file(name: str, path: str | None) -> Path | None:
    if path is not None and not Path(path).is_file():
        raise RenderError(f"{path}: no such file; give {_EXPECTED[name]} as {name}")
    return Path(path) if path is not None else None
