"""The weights of a model's answers: `weights.yaml` as validated data."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, Field

FILE = Path(__file__).with_name("weights.yaml")

For: TypeAlias = Annotated[float, Field(ge=0, le=10)]
Against: TypeAlias = Annotated[float, Field(ge=-10, le=0)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Seconds: TypeAlias = Annotated[float, Field(ge=0, le=60)]


class _Section(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class ClaimWeights(_Section):
    """A span that a model names."""

    alone: Against
    beside_signal: For
    sure: For
    sure_from: Share
    unsure: Against
    unsure_from: Share
    repaired: Against
    at_edge: Against
    overlong: Against
    filling: Against
    fills_from: Share


class CheckWeights(_Section):
    """Yes or no."""

    steepness: For
    at_most: For
    in_all: For


class AgainWeights(_Section):
    """The same instant named in other windows."""

    found: For
    missed: Against
    found_in_all: For
    missed_in_all: For
    within_s: Seconds


class DescribedWeights(_Section):
    """A description of the window that tells of the event."""

    told: For
    untold: Against
    in_all: For
    within_s: Seconds


class CountWeights(_Section):
    """The count around an accepted event."""

    some: For
    none: Against


class LookingAgain(_Section):
    """Which claims are looked at again, and from where."""

    below: For
    above: For
    signals_at_most: For
    looks: Annotated[int, Field(ge=1, le=100)]
    rounds: Annotated[int, Field(ge=0, le=100)]
    most: Annotated[float, Field(ge=1, le=100)]
    margin_s: Seconds
    apart_s: Annotated[float, Field(gt=0, le=60)]


class Weights(_Section):
    """All weights; `weights.yaml` explains the meaning and the value of each."""

    claim: ClaimWeights
    check: CheckWeights
    again: AgainWeights
    described: DescribedWeights
    count: CountWeights
    looking_again: LookingAgain
    shown_from: Share


@cache
def load(path: Path = FILE) -> Weights:
    """The weights of a file; by default the built-in ones."""
    return Weights.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
