"""Work on all cores, its results in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_Done = TypeVar("_Done")


def in_order(work: Callable[[_Item], _Done], items: Iterable[_Item]) -> Generator[_Done, None, None]:
    """The results of `work` for each of the items, in their order; on all cores, with few results waiting to be taken."""
    workers, waiting = os.cpu_count() or 1, deque[Future[_Done]]()
    with ThreadPoolExecutor(workers) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
