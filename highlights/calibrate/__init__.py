"""A profile that fits one's own matches: its weights, thresholds and rolls, learned from timelines that a person reviewed.

reviewed timelines ──► examples ──► fit ──┬──► profile that extends the old one, with what was measured beside each value
                             └────► rolls ┘
"""

from highlights.calibrate.calibration import Calibrated, calibrate
from highlights.calibrate.profile_text import write

__all__ = ["Calibrated", "calibrate", "write"]
