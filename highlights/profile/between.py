"""Faults that involve more than one key of a profile."""

from __future__ import annotations

from collections.abc import Iterator

from highlights.profile.inherit import name_of
from highlights.profile.rules import COUNTERS
from highlights.profile.schema import EventSection, Section, WindowsSection
from highlights.profile.tree import Mistake, Node, shown
from highlights.profile.words import suggestion


def duplicates(root: Node) -> list[Mistake]:
    """Events of one file that share a name."""
    first: dict[str, Node] = {}
    mistakes = []
    for event in _events(root):
        name = name_of(event)
        if name in first:
            mistakes.append(event.mistake(f"a second event named {shown(name)}, the first is on line {first[name].line}"))
        elif name:
            first[name] = event
    return mistakes


def between(root: Node) -> list[Mistake]:
    """Faults between keys: inverted ranges, counters that the layout or the steps do not have."""
    windows = root.get("windows")
    lengths = [_order(event, "min_length_s", "max_length_s", EventSection, root) for event in _events(root)]
    return [
        *([] if windows is None else _order(windows, "overlap_s", "length_s", WindowsSection, root)),
        *_layout(root),
        *(mistake for mistakes in lengths for mistake in mistakes),
        *(mistake for event in _events(root) for mistake in _score(event, root)),
    ]


def _events(root: Node) -> list[Node]:
    events = root.get("events")
    return events.items() if events else []


def _number(node: Node | None) -> float | None:
    """The number in a node, if it has one."""
    value = node.value if node else None
    return None if isinstance(value, bool) or not isinstance(value, int | float) else value


def _order(section: Node, low_key: str, high_key: str, kind: type[Section], root: Node) -> Iterator[Mistake]:
    """A fault if the first of two numbers, given or default, is not less than the second."""
    given = [section.get(low_key), section.get(high_key)]
    low, high = (
        _number(node) if node else kind.model_fields[key].default for node, key in zip(given, (low_key, high_key), strict=True)
    )
    nodes = [node for node in reversed(given) if node]
    if nodes and low is not None and high is not None and low >= high:
        problem = f"{low_key} ({low:g}) must be less than {high_key} ({high:g})"
        yield _blamed(nodes[0], nodes[-1], root).mistake(problem)


def _blamed(usual: Node, other: Node, root: Node) -> Node:
    """Which of two conflicting nodes is at fault: the one in the file itself, not the one in the file that it extends."""
    return other if other.path == root.path != usual.path else usual


def _layout(root: Node) -> Iterator[Mistake]:
    scoreboard = root.get("scoreboard")
    layout = scoreboard.get("layout") if scoreboard else None
    steps = scoreboard.get("steps") if scoreboard else None
    counters = COUNTERS.get(layout.text) if layout else None
    if not (layout and counters and steps and isinstance(steps.value, dict)):
        return
    for counter, node in steps.value.items():
        if counter not in counters:
            problem = f"the layout {layout.text} does not count {shown(counter)}{suggestion(counter, counters)}"
            yield _blamed(node, layout, root).mistake(problem)


def _score(event: Node, root: Node) -> Iterator[Mistake]:
    signals = event.get("signals")
    rule = signals.get("score") if signals else None
    if rule is None:
        return
    shown_after = rule.get("shown_after_s")
    bounds = [bound for node in shown_after.items() if (bound := _number(node)) is not None] if shown_after else []
    if shown_after and bounds != sorted(bounds):
        yield shown_after.mistake("the smaller number comes first: [least, most]")
    counter, scoreboard = rule.get("counter"), root.get("scoreboard")
    steps = scoreboard.get("steps") if scoreboard else None
    if not (counter and steps and isinstance(counter.value, str) and isinstance(steps.value, dict)):
        return
    if counter.value in steps.value:
        yield from _growth(rule, steps.value[counter.value], root)
    else:
        yield counter.mistake(f"scoreboard.steps has no {shown(counter.value)}{suggestion(counter.value, steps.value)}")


def _growth(rule: Node, steps: Node, root: Node) -> Iterator[Mistake]:
    """Growths of a counter that an event uses but the scoreboard does not allow."""
    allowed = {_number(step) for step in steps.items()}
    by = rule.get("by")
    for growth in by.items() if by and allowed else []:
        if _number(growth) is not None and _number(growth) not in allowed:
            yield _blamed(growth, steps, root).mistake(f"{steps.dotted} lacks the {growth.text} of {growth.dotted}")
