"""A real vLLM on this machine's CPU, started as docs/serving.md says, but for a tiny checkpoint.

with vllm_server(checkpoint) as url: ...      http://127.0.0.1:41234/v1

`make test-servers` installs it and names its command in HIGHLIGHTS_VLLM.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.places import ROOT

NAME = "tiny/Marlin"
VARIABLE = "HIGHLIGHTS_VLLM"
START_S = 600.0  # the longest that it may take; half a minute was seen, on another machine four minutes
STOP_S = 30.0

ALL_FRAMES = ("--media-io-kwargs", '{"video":{"num_frames":-1}}')
SERVING = (
    *("--hf-overrides", '{"architectures":["Qwen3_5ForConditionalGeneration"]}'),
    *("--limit-mm-per-prompt", '{"image":0,"video":1}'),
    *("--mm-processor-cache-gb", "0"),
    *("--max-model-len", "16384", "--max-num-seqs", "8"),
    "--enable-prefix-caching",
)
"""The options of docs/serving.md but for ALL_FRAMES."""
KEY = "sk-of-the-test"
OPTIONS = {
    "documented": ALL_FRAMES,
    "meagre": ("--media-io-kwargs", '{"video":{"fps":1}}', "--max-logprobs", "0", "--api-key", KEY),
}
"""The servers of the tests: one as documented, and one that takes half of the frames, has no probabilities, and wants a key."""
ON_A_CPU = ("--dtype", "bfloat16", "--enforce-eager")


@contextmanager
def vllm_server(checkpoint: Path, *options: str) -> Iterator[str]:
    """The address of a server of the checkpoint, which runs until the block ends."""
    port = _free_port()
    command = [str(ROOT / os.environ[VARIABLE]), "serve", checkpoint.name, "--served-model-name", NAME]
    command += ["--host", "127.0.0.1", "--port", str(port), *SERVING, *ON_A_CPU, *options]
    with tempfile.TemporaryFile() as log:
        # in the checkpoint's folder, so that what the server calls it is the same on every machine
        process = subprocess.Popen(
            command, cwd=checkpoint.parent, env=_environment(), stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait(process, port)
            yield f"http://127.0.0.1:{port}/v1"
        except _NotStartedError as error:
            log.seek(0)
            raise AssertionError(f"{error}:\n{log.read().decode(errors='replace')[-4000:]}") from None
        finally:
            _stop(process)


class _NotStartedError(Exception):
    pass


def _environment() -> dict[str, str]:
    # Threads: as many as the server likes, whatever the tests have set for themselves.
    kept = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    offline = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    return {**kept, **offline, "VLLM_CPU_KVCACHE_SPACE": "1", "PYTHONPATH": str(ROOT / "tests/servers/environment")}


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    due_s = time.monotonic() + START_S
    while time.monotonic() < due_s:
        with suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
            return
        with suppress(subprocess.TimeoutExpired):
            raise _NotStartedError(f"vLLM ended with code {process.wait(0.5)}")
    raise _NotStartedError(f"vLLM did not start in {START_S:g} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End it and the processes that it has started."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, how)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                continue


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
