"""A small fictional soccer match: its story, video and audio, all drawn and synthesised by this package.

The files, each building on those before it: `story` (what happens, and when), `camera`, `coach` and `play` (who is where),
`drawing`, `stadium`, `pitch`, `figures`, `closeups`, `graphics` (what it looks like), `director` (the picture of each frame),
`voice`, `sound` (what it sounds like), `film` (video and audio into one MP4).
"""
