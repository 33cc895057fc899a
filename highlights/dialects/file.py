"""A dialect in a YAML file, so that a new model needs no code: how it is asked, how it answers, how video was sampled.

name: timelens
known_as: [timelens]              # in the name of the model on a server
frames: { rate_hz: 2, most: 240, pixels: 200704 }
find: When does this happen - {event}? Answer with "From <start> to <end>".
answer: From {start} to {end}     # seconds from the start of the clip
none: [It does not happen]        # how it says that there is none, if it was trained to
check: "{check} Answer yes or no."
describe: What happens in this video?
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from highlights.dialects.caption import CaptionEvent
from highlights.dialects.dialect import Found, Question
from highlights.dialects.named_span import CLEAN_TIME, read_span
from highlights.dialects.prose import one_line, quotable, short_line, without_thoughts
from highlights.errors import ModelError
from highlights.profile import EventRule
from highlights.profile.tree import read
from highlights.profile.words import refused
from highlights.records import Sampling

FOLDER = Path(__file__).parent
"""The dialects that come with the program."""
YES_NO_TOKENS = 8  # a thinking model may begin with empty thoughts
DESCRIBE_TOKENS = 128
FORMS = {"from": (), "joined": (), "bare": ("two bare numbers",)}

Prompt = Annotated[str, Field(min_length=1, max_length=2000)]
Word = Annotated[str, Field(min_length=2, max_length=200)]


class _Section(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Frames(_Section):
    """How video is sampled."""

    rate_hz: float = Field(default=2.0, gt=0, le=10)
    most: int = Field(default=240, ge=4, le=2000)
    pixels: int = Field(default=200_704, ge=10_000, le=4_000_000)
    multiple: int = Field(default=32, ge=1, le=128)


class DialectFile(_Section):
    """The keys of a dialect's file."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")
    known_as: list[Word] = Field(default=[], max_length=20)
    frames: Frames = Frames()
    find: Prompt
    answer: Prompt
    none: list[Word] = Field(default=[], max_length=20)
    check: Prompt = "{check} Answer yes or no."
    describe: Prompt | None = None

    @field_validator("find", "answer", "check")
    @classmethod
    def _has_its_places(cls, text: str, info: object) -> str:
        places = {"find": ("{event}",), "answer": ("{start}", "{end}"), "check": ("{check}",)}[info.field_name]  # type: ignore[attr-defined]
        for place in places:
            if text.count(place) != 1:
                raise ValueError(f"needs {place} once")
        return text


class WrittenDialect:
    """The dialect that a file describes."""

    gives_times = False

    def __init__(self, file: DialectFile) -> None:
        frames = file.frames
        self.name = file.name
        self.known_as = tuple(word.casefold() for word in file.known_as)
        self.sampling = Sampling(frames.rate_hz, frames.most, frames.pixels, frames.multiple)
        self._file = file

    def find_question(self, rule: EventRule, query: str) -> Question:
        """The file's prompt with the query."""
        return Question(self._file.find.replace("{event}", quotable(query)))

    def read_find(self, answer: str, window_s: float) -> Found:
        """The named span; `refused` if the answer is one of those that say there is none."""
        found = read_span(answer, window_s, self._clean, FORMS)
        text = one_line(without_thoughts(answer)).casefold()
        if not found.spans and any(none.casefold() in text for none in self._file.none):
            return Found("refused")
        return found

    @cached_property
    def _clean(self) -> re.Pattern[str]:
        form = re.escape(one_line(self._file.answer).rstrip("."))
        for place in ("start", "end"):
            form = form.replace(re.escape(f"{{{place}}}"), CLEAN_TIME)
        return re.compile(rf"{form}\.?")

    def check_question(self, rule: EventRule) -> Question:
        """The rule's own question, in the file's form."""
        text = self._file.check.replace("{check}", one_line(rule.check))
        return Question(text, max_new_tokens=YES_NO_TOKENS, kind="yes_no")

    def caption(self) -> Question:
        """The file's question, or a general one."""
        return Question(self._file.describe or "What happens in this video?", max_new_tokens=DESCRIBE_TOKENS)

    def read_events(self, answer: str, window_s: float) -> tuple[CaptionEvent, ...]:
        """None: the answer has no times."""
        return ()

    def read_caption(self, answer: str, window_s: float) -> str:
        """The first sentence of the answer."""
        return short_line(without_thoughts(answer)) if answer.strip() else ""


def load(path: Path) -> WrittenDialect:
    """The dialect in a file.

    Raises:
        ModelError: The file cannot be used; every fault with its line.
    """
    root, mistakes = read(path)
    file = None
    if root is not None:
        try:
            file = DialectFile.model_validate(root.plain())
        except ValidationError as error:
            mistakes = [*mistakes, *refused(error, root, partial=False)]
    if file is None or mistakes:
        lines = (f"{path}:{line}: {fault.text}" if (line := fault.line) else f"{path}: {fault.text}" for fault in mistakes)
        raise ModelError("\n".join(lines))
    return WrittenDialect(file)


@cache
def builtin() -> tuple[WrittenDialect, ...]:
    """The dialects that come with the program as files."""
    return tuple(load(path) for path in sorted(FOLDER.glob("*.yaml")))
