"""Twelve queries about one window: the stock way, the stock way with pixels as in training, and this program's.

    make bench-model                              on a drawn recording
    python -m benchmarks.model MATCH.mp4          on your own

The model has Marlin-2B's shape on an NVIDIA GPU and a smaller one on a CPU, with random weights: its answers are nonsense, its
costs are real. The tables are Markdown, for docs/benchmarks.md. Seconds depend on the machine and its load, so most targets are
ratios.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.launches import Launches, launches
from benchmarks.random_model import MARLIN_SHAPE, SMALL_SHAPE, Shape, cut, draw, random_model
from benchmarks.table import Table, verdict
from benchmarks.tiny.prompts import whole
from highlights.backends.qwen import QwenModel
from highlights.dialects.dialect import Question
from highlights.dialects.marlin import FIND_PROMPT, MARLIN
from highlights.media.footage.reader import Footage, WindowReader
from highlights.media.probe import open_recording
from highlights.records import Recording, Window
from highlights.spans import Span

WINDOW_S, STEP_S = 30.0, 25.0  # windows overlap by 5 s
MATCH_S = 5400.0
QUERIES = 12
NEW_TOKENS = 13  # of an answer: "From 12.5 to 17.0." with its delimiters
STOCK_TARGET, EQUAL_TARGET, ONE_QUERY_TARGET = 30.0, 11.0, 1.15
MATCH_TARGET_S, RATE_TARGET = 60.0, 0.40
STOCK_PIXELS, TRAINED_PIXELS = 25_165_824, 200_704  # of a whole clip; of one frame
EVENTS = (
    *("a goal is scored", "a player takes a corner kick", "the goalkeeper saves a shot", "a player is shown a yellow card"),
    *("a player is shown a red card", "a penalty kick is taken", "a free kick is taken", "a player is substituted"),
    *(
        "players celebrate together",
        "a player lies injured on the grass",
        "the referee watches a screen",
        "a shot hits the post",
    ),
)
QUESTIONS = [Question(FIND_PROMPT.replace("{event}", event), NEW_TOKENS) for event in EVENTS]


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one window: wall time, CPU time on all cores, prompt tokens fed to the model, peak memory, time spent waiting."""

    seconds: float
    cpu_s: float
    prompt_tokens: int
    peak_mib: float
    waited_s: float = 0.0


def windows(recording: Recording, most: int) -> list[Window]:
    """Whole windows from the start on, overlapping as in a match."""
    starts_s = np.arange(0, recording.duration_s - WINDOW_S + 0.001, STEP_S)[:most]
    return [Window(Span(float(start_s), float(start_s) + WINDOW_S)) for start_s in starts_s]


# ---- measuring


@contextmanager
def peak(device: str) -> Iterator[Callable[[], float]]:
    """Peak memory since the start of the block: of the GPU, or of this process (since it began if it cannot be reset)."""
    import torch

    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        yield lambda: torch.cuda.max_memory_allocated() / 2**20
        return
    reset, status = Path("/proc/self/clear_refs"), Path("/proc/self/status")
    if reset.exists():
        reset.write_text("5")
    yield lambda: next((int(line.split()[1]) / 1024 for line in _lines(status) if line.startswith("VmHWM")), float("nan"))


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def clock_s(device: str) -> float:
    """The current time, after all work on the device is done."""
    import torch

    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def stock(model: QwenModel, clip: Path, pixels: int, device: str) -> Cost:
    """One query the stock way: decode the file, build the whole prompt and feed it."""
    messages = [
        {"role": "user", "content": [{"type": "video", "path": str(clip)}, {"type": "text", "text": QUESTIONS[0].text}]}
    ]
    settings = {"fps": 2, "size": {"longest_edge": pixels, "shortest_edge": 4096}}
    with peak(device) as held:
        start_s, start_cpu_s = clock_s(device), time.process_time()
        inputs = model.processor.apply_chat_template(
            messages,
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
            processor_kwargs=settings,
        ).to(device)
        model.model.generate(**inputs, max_new_tokens=NEW_TOKENS, do_sample=False)
        seconds, cpu_s = clock_s(device) - start_s, time.process_time() - start_cpu_s
        return Cost(seconds, cpu_s, inputs["input_ids"].shape[1], held())


def here(model: QwenModel, recording: Recording, shown: Sequence[Window], questions: Sequence[Question], device: str) -> Cost:
    """Questions about one window after another, as in a run; the mean per window."""
    fed: list[int] = []
    hook = model.text.register_forward_pre_hook(lambda _, __, inputs: fed.append(_tokens(inputs)), with_kwargs=True)
    model.pairs.clear()
    waited_s = 0.0
    with WindowReader(recording, MARLIN.sampling) as reader, peak(device) as held:
        start_s, start_cpu_s = clock_s(device), time.process_time()
        for footage in reader.read(shown):
            begun_s = time.perf_counter()
            footage.pictures()
            waited_s += time.perf_counter() - begun_s
            model.ask(footage, questions)
        seconds, cpu_s = clock_s(device) - start_s, time.process_time() - start_cpu_s
        hook.remove()
        count = len(shown)
        return Cost(seconds / count, cpu_s / count, sum(fed) // count, held(), waited_s / count)


def _tokens(inputs: dict[str, Any]) -> int:
    fed = inputs["input_ids"] if "input_ids" in inputs else inputs["inputs_embeds"]
    return int(fed.shape[0] * fed.shape[1])


def alike(model: QwenModel, footage: Footage, questions: Sequence[Question]) -> int:
    """How many answers equal those to a whole prompt for each question, about the same frames."""
    answers = model.ask(footage, questions)
    return sum(
        answer.text == whole(model, footage, q.text, NEW_TOKENS).text for q, answer in zip(questions, answers, strict=True)
    )


def share_of_rate(model: QwenModel, footage: Footage) -> tuple[float, float]:
    """The GPU's rate in bfloat16 in TFLOP/s, and the share of it reached while reading a window."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    square = torch.randn(8192, 8192, dtype=torch.bfloat16, device="cuda")
    for rounds in (3, 20):
        start_s = clock_s("cuda")
        for _ in range(rounds):
            square @ square
        rate = rounds * 2 * 8192**3 / (clock_s("cuda") - start_s)
    head, _ = model.prompts(QUESTIONS[:1])
    footage.pictures()
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        model.pairs.clear()
        model.read(footage, head, [])
    model.pairs.clear()
    with torch.inference_mode():
        start_s = clock_s("cuda")
        model.read(footage, head, [])
        return rate / 1e12, counter.get_total_flops() / (clock_s("cuda") - start_s) / rate


# ---- reporting


def of_all(one: Cost) -> Cost:
    """The cost of all queries the stock way, computed from that of one."""
    times = {"seconds": one.seconds * QUERIES, "cpu_s": one.cpu_s * QUERIES}
    return replace(one, prompt_tokens=one.prompt_tokens * QUERIES, **times)


def table(costs: dict[str, tuple[Cost, int]]) -> Table:
    """A row for each way, with its number of queries."""
    columns = ("way", "queries", "s per window", "CPU s", "prompt tokens fed", "peak MiB")
    rows = Table("Queries about windows of 30 s", columns)
    for way, (cost, queries) in costs.items():
        times = (f"{cost.seconds:.2f}", f"{cost.cpu_s:.2f}")
        rows.add(way, str(queries), *times, f"{cost.prompt_tokens:,}", f"{cost.peak_mib:,.0f}")
    return rows


def ratios(a: Cost, b: Cost, c: Cost, one: Cost, device: str) -> Table:
    """The targets. One stock query is the cost of asking a single question; one query here is the cost of the prefix.

    On a CPU, CPU time is compared: other processes delay many small steps more than few large ones.
    """
    unit = "seconds" if device == "cuda" else "CPU time"
    stock_s, equal_s, here_s, one_s = (x.seconds if device == "cuda" else x.cpu_s for x in (a, b, c, one))
    rows = Table(f"Ratios, in {unit}", ("what", "reached", "target", "met"))
    for what, reached, least in (
        ("stock ÷ here", stock_s / here_s, STOCK_TARGET),
        ("stock at equal pixels ÷ here", equal_s / here_s, EQUAL_TARGET),
    ):
        rows.add(what, f"{reached:.2f}", f"≥ {least:.0f}", verdict(reached >= least))
    for what, reached in (
        ("12 queries here ÷ 1 stock query at equal pixels", here_s / (equal_s / QUERIES)),
        ("12 queries here ÷ 1 query here", here_s / one_s),
    ):
        rows.add(what, f"{reached:.2f}", f"≤ {ONE_QUERY_TARGET}", verdict(reached <= ONE_QUERY_TARGET))
    return rows


def note(model: QwenModel, shape: Shape, device: str, frames: int) -> str:
    """The conditions of the measurement."""
    import torch

    millions = sum(weight.numel() for weight in model.model.parameters()) / 1e6
    kind = "Marlin-2B's shape" if shape is MARLIN_SHAPE else "a smaller shape than Marlin-2B's"
    where = torch.cuda.get_device_name() if device == "cuda" else f"{platform.processor() or platform.machine()}"
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "torchcodec"))
    threads = "" if device == "cuda" else f", {torch.get_num_threads()} threads"
    return (
        f"{datetime.now(UTC):%Y-%m-%d}; random weights of {kind}, {millions:,.0f}M parameters, {shape.dtype}, on {device} "
        f"({where}{threads}); {versions}. {frames} windows, overlapping by 5 s; {NEW_TOKENS} tokens per answer; "
        f"including decoding. Stock ways were timed on one query and multiplied by {len(QUESTIONS)}."
    )


def operators(launched: Launches) -> str:
    """The operators of a window in a sentence."""
    one = launched.of_last_token
    return (
        f"{len(QUESTIONS)} queries: {launched.in_all:,} launches in {launched.passes} passes, {one:,} in one of a token each."
    )


def main(arguments: Sequence[str]) -> int:
    """Print the tables; returns 1 if a target is missed."""
    import torch

    parser = argparse.ArgumentParser(prog="python -m benchmarks.model", description=__doc__.splitlines()[0])
    parser.add_argument("recording", type=Path, nargs="?", help="a recording of at least a minute and a half; drawn if absent")
    parser.add_argument("--windows", type=int, default=0, help="number of windows (3 on a CPU, 12 on a GPU)")
    asked = parser.parse_args(arguments)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    shape, count = (MARLIN_SHAPE, asked.windows or 12) if device == "cuda" else (SMALL_SHAPE, asked.windows or 3)
    with tempfile.TemporaryDirectory() as folder:
        _print("drawing a recording ...")
        path = asked.recording or draw(Path(folder) / "match.mp4", WINDOW_S + (count - 1) * STEP_S)
        return _measured(open_recording([path]), Path(folder), shape, count, device)


def _measured(recording: Recording, folder: Path, shape: Shape, count: int, device: str) -> int:
    words = " ".join(question.text for question in QUESTIONS)
    model, shown = random_model(shape, device, words), windows(recording, count)
    clip = cut(recording, folder / "clip.mp4", WINDOW_S)  # needed by the stock way; not counted
    with WindowReader(recording, MARLIN.sampling) as reader:
        first = reader.footage(shown[0])
        _print("comparing answers ...")  # also warms up
        compared = QUESTIONS if device == "cuda" else QUESTIONS[:2]
        equal = alike(model, first, compared)
        launched = launches(model, first, QUESTIONS)
        rate = share_of_rate(model, first) if device == "cuda" else None
    _print("one stock query, with stock pixels and with those of training ...")
    a, b = (stock(model, clip, pixels, device) for pixels in (STOCK_PIXELS, len(first.times_s) * TRAINED_PIXELS))
    _print(f"{len(shown)} windows with 1 and with {len(QUESTIONS)} queries ...")
    one, c = (here(model, recording, shown, questions, device) for questions in (QUESTIONS[:1], QUESTIONS))
    a12, b12 = (of_all(cost) for cost in (a, b))
    ways = {
        "stock": (a12, QUERIES),
        "stock, pixels as in training": (b12, QUERIES),
        "here": (c, QUERIES),
        "here, one query": (one, 1),
    }
    costs, targets = table(ways), ratios(a12, b12, c, one, device)
    costs.notes.append(operators(launched))
    costs.notes.append(note(model, shape, device, len(shown)))
    targets.add(
        "answers equal to those of whole prompts", f"{equal} of {len(compared)}", "all", verdict(equal == len(compared))
    )
    targets.notes.append(
        f"Waiting for decoding: {c.waited_s:.2f} s per window, including the first, which is not decoded ahead."
    )
    if rate:
        match_s = c.seconds * MATCH_S / STEP_S
        targets.add(
            "90 minutes, 12 queries, s", f"{match_s:.0f}", f"≤ {MATCH_TARGET_S:.0f}", verdict(match_s <= MATCH_TARGET_S)
        )
        targets.add(
            "share of the GPU's bf16 rate, reading", f"{rate[1]:.2f}", f"≥ {RATE_TARGET}", verdict(rate[1] >= RATE_TARGET)
        )
        targets.notes.append(f"The GPU multiplies matrices of 8192² at {rate[0]:.0f} TFLOP/s in bfloat16.")
    print(costs.markdown(), targets.markdown(), sep="\n")
    return int(any(row[-1] != verdict(True) for row in targets.rows))


def _print(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
