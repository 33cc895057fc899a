"""One reading of a recording → `Analysis`: scenes, crowd, tones, score graphic, replays."""
