"""A model's answers to the queries of TimeLens-Bench, for `highlights evaluate`.

    python -m benchmarks.grounding VIDEOS --annotations charades-timelens.json --out results.jsonl --server http://localhost:8000/v1
    highlights evaluate results.jsonl --truth charades-timelens.json

As there, a model is shown the whole video once and asked for one span, which is rounded to whole seconds; nothing is checked or
asked again. Videos are VIDEOS/NAME.mp4. What is in the file already is not asked again, so an interrupted run goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path

from highlights.backends.backend import Backend
from highlights.choices import FINDERS
from highlights.dialects.dialect import Dialect
from highlights.evaluation.timelens import BETWEEN, Query, read_annotations
from highlights.finders.choice import ModelOptions, open_model
from highlights.media.footage.reader import WindowReader
from highlights.media.probe import open_recording
from highlights.profile import EventRule
from highlights.records import Window


def main() -> None:
    """Parse, ask, write each answer as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("videos", type=Path, help="folder of the videos")
    parser.add_argument("--annotations", type=Path, required=True, help="annotation file of TimeLens-Bench")
    parser.add_argument("--out", type=Path, required=True, help="result file, JSON lines")
    parser.add_argument("--server", help="address of a model server")
    parser.add_argument(
        "--finder", choices=FINDERS, default="server", help="what is asked: a server, or a model in this process"
    )
    parser.add_argument("--model", help="folder of weights, or the model's name on the server")
    parser.add_argument("--dialect", help="how the model is asked, if its name does not tell")
    arguments = parser.parse_args()
    options = ModelOptions((arguments.finder,), server=arguments.server, model=arguments.model, dialect=arguments.dialect)
    queries = [query for query in read_annotations(arguments.annotations) if key(query) not in answered(arguments.out)]
    dialect, backend = open_model(arguments.finder, options)
    with closing(backend), arguments.out.open("a", encoding="utf-8") as file:
        for video, asked in groupby(queries, key=lambda query: query.video):
            path = arguments.videos / f"{Path(video).stem}.mp4"
            if not path.is_file():
                print(f"{path}: missing; its queries count as unanswered", file=sys.stderr)
                continue
            for result in answers(path, list(asked), dialect, backend):
                file.write(json.dumps(result, ensure_ascii=False) + "\n")
                file.flush()


def answered(path: Path) -> set[str]:
    """The keys that a result file has."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return {name for line in lines for name in json.loads(line)}


def key(query: Query) -> str:
    """The key of a query in TimeLens's result files."""
    return BETWEEN.join((query.video, query.text, str(list(query.span))))


def answers(path: Path, queries: Sequence[Query], dialect: Dialect, backend: Backend) -> Iterator[dict[str, object]]:
    """The lines of the result file about one video."""
    recording = open_recording([path])
    rules = [EventRule("query", query.text, (query.text,), "") for query in queries]
    questions = [dialect.find_question(rule, rule.title) for rule in rules]
    with WindowReader(recording, dialect.sampling, device=backend.decodes_on) as reader:
        for footage in reader.read([Window(recording.span)]):
            for query, answer in zip(queries, backend.ask(footage, questions), strict=True):
                found = dialect.read_find(answer.text, recording.duration_s).spans[:1]
                spans = [[round(span.start_s), round(span.end_s)] for span in found]
                yield {key(query): {"timestamps": spans, "answers": answer.text}}


if __name__ == "__main__":
    main()
