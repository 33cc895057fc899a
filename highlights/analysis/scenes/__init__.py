"""Scenes, gradual transitions and replays."""
