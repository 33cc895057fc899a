"""Event profiles: one YAML file a sport says what to look for in it.

    soccer.yaml ─► tree ─► inherit ─► door, between ─► Profile
    (text)         (places) (extends)  (types, ranges)  (rules)

`load` gives a `Profile` or raises every fault of the file at once.
"""

from highlights.profile.door import json_schema
from highlights.profile.draft import new
from highlights.profile.library import builtin_folder, find, source_text, user_folder
from highlights.profile.load import Listed, check, load, names
from highlights.profile.rules import (
    COUNTERS,
    LONGEST_WINDOW_S,
    CrowdRule,
    EventRule,
    Profile,
    ReplayRule,
    SceneRules,
    ScoreboardRules,
    ScoreRule,
    Signals,
    ToneRule,
    WindowRules,
)

__all__ = [
    "COUNTERS",
    "LONGEST_WINDOW_S",
    "CrowdRule",
    "EventRule",
    "Listed",
    "Profile",
    "ReplayRule",
    "SceneRules",
    "ScoreRule",
    "ScoreboardRules",
    "Signals",
    "ToneRule",
    "WindowRules",
    "builtin_folder",
    "check",
    "find",
    "json_schema",
    "load",
    "names",
    "new",
    "source_text",
    "user_folder",
]
