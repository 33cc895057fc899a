"""An event profile for drawn videos, which shows a model one kind of event."""

FLASHES = """
sport: flashes
title: Flashes
scoreboard: {layout: versus, steps: {score: [1]}}
windows: {length_s: 8, overlap_s: 2}
events:
  - name: flash
    title: Flash
    queries: [a white flash fills the picture]
    check: Is there a white flash in this clip?
"""
