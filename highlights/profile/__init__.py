"""Event profiles: one YAML file per sport defines what to look for.

    soccer.yaml ─► tree ─► inherit ─► schema, between ─► Profile
    (text)         (lines)  (extends)  (types, ranges)  (rules)

`load` returns a `Profile`, or raises an error with every fault of the file at once.
"""

from highlights.profile.draft import new
from highlights.profile.library import builtin_folder, find, source_text, user_folder
from highlights.profile.load import Listed, load, names
from highlights.profile.rules import (
    COUNTERS,
    LONGEST_WINDOW_S,
    MOMENT_RULE,
    CrowdRule,
    EventRule,
    Profile,
    RallyRule,
    ReplayRule,
    SceneRules,
    ScoreboardRules,
    ScoreRule,
    Signals,
    ToneRule,
    WindowRules,
)
from highlights.profile.schema import json_schema

__all__ = [
    "COUNTERS",
    "LONGEST_WINDOW_S",
    "MOMENT_RULE",
    "CrowdRule",
    "EventRule",
    "Listed",
    "Profile",
    "RallyRule",
    "ReplayRule",
    "SceneRules",
    "ScoreRule",
    "ScoreboardRules",
    "Signals",
    "ToneRule",
    "WindowRules",
    "builtin_folder",
    "find",
    "json_schema",
    "load",
    "names",
    "new",
    "source_text",
    "user_folder",
]
