import io

import av
import numpy as np

from highlights.media.jpeg import encode_jpeg
from tests.support.drawing import draw_frame, number_of


def decoded(jpeg):
    with av.open(io.BytesIO(jpeg)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def test_a_jpeg_shows_the_picture():
    rgb = draw_frame(1234, 0, False, (320, 180))
    shown = decoded(encode_jpeg(rgb))
    assert shown.shape == rgb.shape
    assert np.abs(shown.astype(int) - rgb).mean() < 6
    assert np.abs(shown.astype(int).mean(axis=(0, 1)) - rgb.mean(axis=(0, 1))).max() < 2


def test_a_jpeg_can_be_smaller_and_coarser():
    rgb = draw_frame(1234, 0, False, (320, 180))
    small = encode_jpeg(rgb, width=160)
    assert decoded(small).shape == (90, 160, 3)
    assert number_of(decoded(small)[..., 1]) == 1234
    assert len(encode_jpeg(rgb, quantiser=20)) < len(encode_jpeg(rgb)) / 1.3


def test_the_same_picture_gives_the_same_bytes_without_a_writer_s_name():
    rgb = draw_frame(7, 1, False, (320, 180))
    assert encode_jpeg(rgb) == encode_jpeg(rgb.copy())
    assert b"Lavc" not in encode_jpeg(rgb)
