"""Events from a match report: its lines brought onto the match clock, and checked against what the broadcast shows.

    report.txt ──► lines ──► anchors ──► placing ──► apply
                   when,     times →     the found     events, near misses,
                   what,     spans on    event it is,  and what became of each line
                   who       the clock   or none
"""

from highlights.match_report.anchors import TIMES, Anchors, Times, read_anchors
from highlights.match_report.apply import Applied, LineResult, apply
from highlights.match_report.game_times import KickOff
from highlights.match_report.lines import ReportLine, read

__all__ = [
    "TIMES",
    "Anchors",
    "Applied",
    "KickOff",
    "LineResult",
    "ReportLine",
    "Times",
    "apply",
    "read",
    "read_anchors",
]
