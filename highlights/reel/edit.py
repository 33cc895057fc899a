"""`edit`: the clips of a timeline as one film with titles, fades, cards, slow motion and music. Composed by moviepy."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from highlights.errors import RenderError
from highlights.media.aside import work_folder, write_aside
from highlights.media.playback import plays
from highlights.progress import Note, StageProgress, no_note, no_stage_progress
from highlights.records import Timeline
from highlights.reel.captions import srt
from highlights.reel.chapters import chapters, ffmetadata
from highlights.reel.encoder import Encoding, encoder
from highlights.reel.film import EditOptions as EditOptions
from highlights.reel.film import Film, plan
from highlights.reel.fit import fit
from highlights.reel.sound import write_sound

if TYPE_CHECKING:
    from highlights.reel.footage import Picture
    from highlights.reel.mixed import Mix

LOG = logging.getLogger(__name__)

SOUND_SHARE = 0.05
"""The share of the work that is audio, roughly."""
COMPOSED_SHARE = 0.6
"""The share of the work that is done before a reel that is too large is encoded again."""


def edit(
    timeline: Timeline,
    target: Path,
    options: EditOptions | None = None,
    progress: StageProgress = no_stage_progress,
    on_note: Note = no_note,
) -> None:
    """Write the clips of a timeline to `target` as an MP4 (H.264, AAC, chapters).

    Only frames that are drawn on are encoded, if the others can be copied; the log says whether that is so. A reel larger than
    the options allow is encoded again to fit, and `on_note` told how.

    Raises:
        RenderError: the timeline has no clips, ffmpeg or the music failed, or the reel cannot be made as small as asked for.
        RecordingError: the recording cannot be read.
        OutputError: `target` cannot be written.
    """
    film = plan(timeline, options or EditOptions())
    most_bytes = film.options.max_bytes
    composed = 1.0 if most_bytes is None else COMPOSED_SHARE
    with write_aside(target) as aside, work_folder(target) as work:
        samples = _prepare(film, aside, work, lambda share: progress(composed * share))

        def on_share(share: float) -> None:
            progress(composed * (SOUND_SHARE + (1 - SOUND_SHARE) * share))

        with ExitStack() as stack:
            mix = _mixed(film, stack)
            encoding = (_encoded_apart(mix, samples, work, on_share) if mix else None) or samples
            if mix and not encoding.video:
                LOG.info("the recording is damaged where it was copied: all %d frames are encoded", film.frames)
                mix = None
        with encoder(encoding.command, work / "ffmpeg.log") as put:
            if not mix:
                _put_all(film, put, on_share)
        if most_bytes is not None and aside.stat().st_size > most_bytes:
            coding = mix.coding if mix else None
            on_note(fit(samples, most_bytes, film.frames, coding, work, lambda s: progress(composed + (1 - composed) * s)))


def may_be_damaged(timeline: Timeline) -> bool:
    """Whether anything was wrong with the recording, so that a copy of its packets has to be tried."""
    return bool(timeline.analysis.faults)


def _mixed(film: Film, stack: ExitStack) -> Mix | None:
    """The film copied as far as possible; None if all of it has to be encoded."""
    from highlights.reel.mixed import mixed  # imported lazily: brings in moviepy

    try:
        mix = mixed(film, stack)
    except RenderError as error:
        LOG.info("all %d frames are encoded: %s", film.frames, str(error).removesuffix("; use --reel edit"))
        return None
    LOG.info("%d of %d frames are encoded, the others copied", film.frames - mix.copied, film.frames)
    return mix


def _encoded_apart(mix: Mix, encoding: Encoding, work: Path, progress: StageProgress) -> Encoding | None:
    """Encode video and sound side by side, for ffmpeg to put together; None where what is copied for it is damaged."""
    from highlights.reel.mixed import write_mix

    video, sound = work / "video.mp4", work / "sound.mp4"
    damage = may_be_damaged(mix.film.timeline)
    with encoder(encoding.sound_command(sound), work / "sound.log"):
        try:
            write_mix(mix, video, progress)
        except RenderError:
            if not damage:
                raise
            return None
    if damage and not plays(video):
        return None
    return replace(encoding, video=video, sound=sound)


def _put_all(film: Film, put: Callable[[Picture], None], progress: StageProgress) -> None:
    """Encode every frame."""
    from highlights.reel.pictures import pictures  # imported lazily: brings in moviepy

    for number, picture in enumerate(pictures(film), 1):
        put(picture)
        progress(number / film.frames)


def _prepare(film: Film, target: Path, work: Path, progress: StageProgress) -> Encoding:
    """Write sound, chapters and subtitles for ffmpeg to read."""
    options, sound = film.options, work / "sound.pcm"
    chapter_file, captions = work / "chapters.txt", work / "captions.srt"
    chapter_file.write_text(ffmetadata(chapters(film.takes)), encoding="utf-8")
    if options.subtitles:
        captions.write_text(srt(film), encoding="utf-8")

    def on_take(number: int) -> None:
        progress(SOUND_SHARE * (number + 1) / len(film.takes))

    write_sound(film.timeline.recording, film.takes, sound, fade_s=options.fade_s, music=options.music, on_take=on_take)
    return Encoding(
        spare=None if options.max_bytes is None else work / "spare.mp4",
        target=target,
        sound=sound,
        chapters=chapter_file,
        captions=captions if options.subtitles else None,
        size=film.size,
        frame_rate=film.frame_rate,
        crf=options.crf,
        preset=options.preset,
        audio_kbps=options.audio_kbps,
    )
