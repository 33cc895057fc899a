"""`extends`: a child's tree merged over its parent's. Values keep their location, so a fault names the file that it is in.

parent   events: goal, shot, corner      rolls of goal 8 and 12
child    events: goal (post_roll_s: 20), corner (remove: true), own_goal
result   events: goal, shot, own_goal    rolls of goal 8 and 20
"""

from __future__ import annotations

from dataclasses import replace

from highlights.profile.tree import Mistake, Node, shown
from highlights.profile.words import suggestion


def overlay(parent: Node, child: Node) -> tuple[Node, list[Mistake]]:
    """The child merged over the parent: mappings key by key, events by name, anything else from the child."""
    merged = _deep(parent, child)
    theirs, ours = parent.get("events"), child.get("events")
    if not (theirs and ours and isinstance(ours.value, list) and isinstance(merged.value, dict)):
        return merged, []
    events, mistakes = _events(theirs.items(), ours.items())
    return replace(merged, value={**merged.value, "events": replace(ours, value=events)}), mistakes


def alone(root: Node) -> tuple[Node, list[Mistake]]:
    """A profile that extends nothing, without the events with `remove`, each of which is a fault."""
    events = root.get("events")
    if not (events and isinstance(events.value, list) and isinstance(root.value, dict)):
        return root, []
    removed = [event for event in events.value if _is_true(event.get("remove"))]
    rest = replace(events, value=[event for event in events.value if event not in removed])
    mistakes = [event.mistake("there is nothing to remove: this profile extends none") for event in removed]
    return (replace(root, value={**root.value, "events": rest}) if removed else root), mistakes


def _is_true(node: Node | None) -> bool:
    return node is not None and node.value is True


def name_of(event: Node) -> str:
    """The name of an event, or empty."""
    name = event.get("name")
    return name.value if name and isinstance(name.value, str) else ""


def _deep(parent: Node, child: Node) -> Node:
    if not (isinstance(parent.value, dict) and isinstance(child.value, dict)):
        return child
    merged = dict(parent.value)
    for key, node in child.value.items():
        merged[key] = _deep(merged[key], node) if key in merged else node
    return replace(child, value=merged)


def _events(theirs: list[Node], ours: list[Node]) -> tuple[list[Node], list[Mistake]]:
    inherited = {name_of(event): event for event in theirs if name_of(event)}
    merged = dict(inherited)
    extra: list[Node] = [event for event in theirs if not name_of(event)]
    mistakes: list[Mistake] = []
    for event in ours:
        name = name_of(event)
        if _is_true(event.get("remove")):
            mistakes += _removal(event, name, list(inherited))
            merged.pop(name, None)
        elif name:
            merged[name] = _deep(merged[name], event) if name in merged else event
        else:
            extra.append(event)
    return [*merged.values(), *extra], mistakes


def _removal(event: Node, name: str, inherited: list[str]) -> list[Mistake]:
    """The faults of an event with `remove: true`."""
    keys = event.value if isinstance(event.value, dict) else {}
    mistakes = [
        node.mistake("leave this out: the event is removed") for key, node in keys.items() if key not in ("name", "remove")
    ]
    if name not in inherited:
        problem = f"the extended profile has no event {shown(name) or 'without a name'} to remove{suggestion(name, inherited)}"
        mistakes.append((event.get("name") or event).mistake(problem))
    return mistakes
