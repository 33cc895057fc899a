"""Trying a query on part of the match, if this machine has a model."""

from __future__ import annotations

from threading import Lock

from highlights import questions
from highlights.errors import ModelError
from highlights.finders.choice import ModelOptions, choose
from highlights.records import Event, Recording
from highlights.review.job import BusyError

LONGEST_S = 300.0
NONE_HERE = "no model can run here: highlights doctor shows what is missing, or open the review with --server"


class Asker:
    """Asks the model that `options` name, or the best that this machine can run; `model` is its name, or None."""

    def __init__(self, options: ModelOptions) -> None:
        self._options = options
        self._lock = Lock()
        try:
            finders = choose(options).finders
        except ModelError:
            finders = ()
        self.model = next((name for name in finders if name != "signals"), None)

    def ask(self, recording: Recording, query: str, from_s: float, to_s: float) -> list[dict[str, object]]:
        """Where it happens, most confident first; spans that fell short come with the reason.

        Raises:
            ModelError: there is no model, or it does not answer.
            BusyError: another query is running.
        """
        if self.model is None:
            raise ModelError(NONE_HERE)
        if to_s - from_s > LONGEST_S:
            raise ModelError(f"{to_s - from_s:.0f} s is too long to try a query on: choose at most {LONGEST_S:.0f} s")
        if not self._lock.acquire(blocking=False):
            raise BusyError("another query is running: wait for its answer")
        try:
            paths = [part.path for part in recording.parts]
            merged = questions.find(paths, query, from_s, to_s, self._options, lambda stage, share: None)
        finally:
            self._lock.release()
        found = sorted((*merged.events, *merged.near_misses), key=lambda event: -event.confidence)
        return [_as_json(event) for event in found]


def _as_json(event: Event) -> dict[str, object]:
    because = "; ".join(claim.because for claim in event.evidence)
    return {
        "start_s": event.span.start_s,
        "end_s": event.span.end_s,
        "peak_s": event.peak_s,
        "confidence": event.confidence,
        "because": f"{because} ({event.why_not})" if event.why_not else because,
    }
