"""Events from a match report: its lines brought onto the match clock, and checked against what the broadcast shows.

report.txt ──► lines ──► anchors ──► placing ──► apply
               when,     times →     the found     events, near misses,
               what,     spans on    event it is,  and what became of each line
               who       the clock   or none
"""

from highlights.match_report.anchors import Anchors, read_anchors
from highlights.match_report.apply import Applied, LineResult, apply
from highlights.match_report.game_times import KickOff
from highlights.match_report.given import GivenReport, take_over, told, unsettled
from highlights.match_report.lines import ReportLine, read

__all__ = [
    "Anchors",
    "Applied",
    "GivenReport",
    "KickOff",
    "LineResult",
    "ReportLine",
    "apply",
    "read",
    "read_anchors",
    "take_over",
    "told",
    "unsettled",
]
