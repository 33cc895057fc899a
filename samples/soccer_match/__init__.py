"""A small soccer match that never happened: its story, pictures and sound, all drawn and synthesised by this package.

The files in the order in which they build on each other: `story` (what happens, and when), `camera`, `coach` and `play` (who is
where), `drawing`, `stadium`, `pitch`, `figures`, `closeups`, `graphics` (what it looks like), `director` (the picture of any
frame), `voice`, `sound` (what it sounds like), `film` (picture and sound into one MP4).
"""
