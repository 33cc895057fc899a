"""How long to wait before asking a server again."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a question is asked again, and after how long.

        ask ─ 0.5 s ─ ask ─ 1 s ─ ask ─ 2 s ─ ask ─ 4 s ─ ask ─► not answered

    Each wait is cut to between half and all of itself, by chance, so that questions which failed together come back apart. A
    server that names a time is left alone that long, up to `longest_asked_s`.
    """

    retries: int = 4
    first_s: float = 0.5
    longest_s: float = 30.0
    longest_asked_s: float = 120.0

    def wait_s(self, failures: int, asked_s: float = 0.0) -> float:
        """Seconds to wait after so many failures in a row, the server having asked for `asked_s`."""
        own_s = min(self.longest_s, self.first_s * 2.0 ** (failures - 1)) * random.uniform(0.5, 1.0)
        return max(own_s, min(asked_s, self.longest_asked_s))
