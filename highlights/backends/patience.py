"""Retries: how long to wait before asking a server again."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is repeated, and after how long (exponential backoff with jitter).

        ask ─ 0.5 s ─ ask ─ 1 s ─ ask ─ 2 s ─ ask ─ 4 s ─ ask ─► not answered

    Each wait is shortened at random by up to half, so that requests which failed together are not repeated together. A
    `Retry-After` of the server is respected up to `longest_asked_s`.
    """

    retries: int = 4
    first_s: float = 0.5
    longest_s: float = 30.0
    longest_asked_s: float = 120.0

    def wait_s(self, failures: int, asked_s: float = 0.0) -> float:
        """Seconds to wait after this many failures in a row, if the server asked for `asked_s`."""
        own_s = min(self.longest_s, self.first_s * 2.0 ** (failures - 1)) * random.uniform(0.5, 1.0)
        return max(own_s, min(asked_s, self.longest_asked_s))
