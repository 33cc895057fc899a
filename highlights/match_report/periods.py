"""How long the periods of a sport are, and what its clock shows in them."""

from __future__ import annotations

from dataclasses import dataclass

from highlights.profile import Profile


@dataclass(frozen=True, slots=True)
class Periods:
    """`lengths_min` in minutes, in order, extra time included; `continues`: the second begins where the first ended.

    `stops`: the clock stands while the game is interrupted, so that it says only how much was played, not how much time passed.
    """

    lengths_min: tuple[int, ...] = ()
    continues: bool = True
    stops: bool = True

    def begins_s(self, number: int) -> float:
        """What a clock that counts up shows when a period begins."""
        return 60.0 * sum(self.lengths_min[: number - 1]) if self.continues else 0.0

    def length_s(self, number: int) -> float:
        """The length of a period by the rules; 0 if it has none."""
        return 60.0 * self.lengths_min[number - 1] if 0 < number <= len(self.lengths_min) else 0.0

    def of_minute(self, played_s: float) -> int | None:
        """The period in which so much of the match has been played, stoppages aside."""
        ends_s = 0.0
        for number, length in enumerate(self.lengths_min, 1):
            ends_s += 60.0 * length
            if played_s < ends_s:
                return number
        return None


_SPORTS = {
    "soccer": Periods((45, 45, 15, 15), stops=False),
    "futsal": Periods((20, 20, 5, 5), continues=False),
    "rugby": Periods((40, 40, 10, 10)),
    "handball": Periods((30, 30, 5, 5)),
    "ice_hockey": Periods((20, 20, 20, 5), continues=False),
    "basketball": Periods((12, 12, 12, 12, 5, 5), continues=False),
    "american_football": Periods((15, 15, 15, 15, 10), continues=False),
}


def periods_of(profile: Profile, stoppages_min: tuple[int, ...] = ()) -> Periods:
    """The periods of a sport; `stoppages_min` are the minutes that stoppages are counted from, which tell shorter halves."""
    known = _SPORTS.get(profile.sport)
    if known is None:
        known = Periods() if profile.scoreboard.clock in ("down", "none") else Periods((45, 45, 15, 15), stops=True)
    first = min(stoppages_min, default=0)
    if known.continues and known.lengths_min and 5 <= first < known.lengths_min[0]:
        return Periods((first, first, *known.lengths_min[2:]), stops=known.stops)
    return known
