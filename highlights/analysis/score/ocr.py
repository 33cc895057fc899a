"""OCR: RapidOCR behind two functions, one to find lines of text and one to read a line that was found.

The two halves of RapidOCR are called separately because finding costs 10 to 50 times as much as reading. One thread for each
picture and fixed sizes, so that the same picture gives the same text under any load.

Source: RapidOCR 3.10 with PP-OCRv6 small, whose models are inside the wheel. Its own pipeline upscales small pictures to 736 px
for finding (2 s for a score graphic); here the limit is a maximum instead, so only large pictures are scaled down.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from highlights.imports import without
from highlights.records import Box
from highlights.systems import return_freed_memory

FIND_SIDE_PX = 736  # long side of the detector's input; graphics of 1/40 of the height are still found
LINE_HEIGHT_PX = 48  # the recogniser's input height, and the 8 px step of its columns
COLUMN_PX = 8

_LOADING = Lock()
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character: `x` is its middle in pixels of the strip it was read from, roughly.

    Where its ink was measured (`ink.py`), it reaches from `x0` to `x1` and is `height` pixels tall; otherwise `height` is 0.
    """

    char: str
    x: float
    confidence: float
    x0: float = 0.0
    x1: float = 0.0
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class TextBox:
    """A line of text found in a picture."""

    box: Box
    text: str
    confidence: float


def prepare() -> None:
    """Load what is needed, half a second, while others have something else to do."""
    _engine()


@contextmanager
def _each_file_read_once() -> Iterator[None]:
    """Meanwhile OmegaConf reads a file once only: rapidocr reads its list of models twice on import, 0.15 s each time."""
    from omegaconf import OmegaConf

    load = OmegaConf.load
    OmegaConf.load = staticmethod(cache(load))  # type: ignore[method-assign]
    try:
        yield
    finally:
        OmegaConf.load = staticmethod(load)  # type: ignore[method-assign]


def _engine() -> Any:
    with _LOADING:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> Any:
    # it never downloads here, and the import of the client alone opens a socket (urllib3)
    with without("requests", Response=object, RequestException=OSError), _each_file_read_once():
        from rapidocr import RapidOCR  # imported late: it takes a third of a second and configures logging

    engine = RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,
            "Det.limit_side_len": FIND_SIDE_PX,
            "Det.limit_type": "max",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,  # else each picture's layers are mapped in anew
        }
    )
    # its two models are loaded at their first use, so use each once
    blank = np.zeros((LINE_HEIGHT_PX, 4 * LINE_HEIGHT_PX, 3), np.uint8)
    engine(blank, use_det=True, use_cls=False, use_rec=False)
    engine(blank, use_det=False, use_cls=False, use_rec=True)
    return engine


def release() -> None:
    """Return the memory that finding text took, 100 MB for each thread; ONNX Runtime keeps it otherwise."""
    from onnxruntime import RunOptions

    session, options = _engine().text_det.session.session, RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    session.run(None, {session.get_inputs()[0].name: np.zeros((1, 3, 32, 32), np.float32)}, options)
    return_freed_memory()


def on_all_cores(ocr: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
    """The results of `ocr`, a function of this module or one that calls some, for each of the items, in their order."""
    _engine()  # once, not in each thread
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(ocr, items))


def find_boxes(picture: NDArray[np.uint8]) -> list[Box]:
    """The lines of text in a picture (uint8 [height, width, 3], BGR), without reading them."""
    found = _engine().text_det(np.ascontiguousarray(picture)).boxes
    boxes = []
    for quad in [] if found is None else found:
        (x0, y0), (x1, y1) = quad.min(axis=0), quad.max(axis=0)
        boxes.append(Box(int(x0), int(y0), int(np.ceil(x1)), int(np.ceil(y1))))
    return boxes


def find_text(picture: NDArray[np.uint8]) -> list[TextBox]:
    """The lines of text in a picture (uint8 [height, width, 3], BGR), in reading order."""
    boxes = [b for b in find_boxes(picture) if b.x1 - b.x0 > 3 and b.y1 - b.y0 > 5]
    lines = read_lines([picture[b.y0 : b.y1, b.x0 : b.x1] for b in boxes])
    texts = ["".join(g.char for g in glyphs) for glyphs in lines]
    return [
        TextBox(box, text, float(np.mean([g.confidence for g in glyphs])))
        for box, text, glyphs in zip(boxes, texts, lines, strict=True)
        if glyphs
    ]


def read_lines(strips: list[NDArray[np.uint8]]) -> list[list[Glyph]]:
    """The characters of each strip (uint8 [height, width, 3], BGR, one line of text each).

    Wide gaps are returned as one space with confidence 1, so that words stay separate even if the recogniser drops its spaces.
    """
    from rapidocr.ch_ppocr_rec import TextRecInput

    # one by one: in a batch the others are padded to the widest strip, which changes their text
    recogniser = _engine().text_rec
    read = []
    for strip in strips:
        result = recogniser(TextRecInput(img=np.ascontiguousarray(strip), return_word_box=True))
        read.append(_glyphs(result.word_results[0], result.txts[0], strip.shape[0]))
    return read


def _glyphs(info: Any, text: str, height_px: int) -> list[Glyph]:
    chars = iter(zip(text, info.confs, strict=False))
    glyphs: list[Glyph] = []
    for word, columns in zip(info.words, info.word_cols, strict=True):
        if glyphs:
            glyphs.append(Glyph(" ", glyphs[-1].x, 1.0))
        for char, column in zip(word, columns, strict=True):
            confidence = next((c for candidate, c in chars if candidate == char), 0.0)
            glyphs.append(Glyph(char, (column + 0.5) * COLUMN_PX * height_px / LINE_HEIGHT_PX, float(confidence)))
    return glyphs
