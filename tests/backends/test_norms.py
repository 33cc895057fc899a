"""Normalisations as single operators give the same bits as the library's."""

from __future__ import annotations

import pytest

from benchmarks.launches import counted
from benchmarks.tiny.prompts import drawn
from highlights.dialects.dialect import Question

torch = pytest.importorskip("torch")
modeling = pytest.importorskip("transformers.models.qwen3_5.modeling_qwen3_5")

STEP_LAUNCHES = 224  # of the tiny model of 4 layers; 302 with the library's normalisations


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("shape", [(16, 1, 2048), (2, 8, 5, 256), (3, 64)])
def test_a_normalisation_gives_the_same_bits(dtype, shape):
    from highlights.backends.norms import GatedNorm, RowNorm

    torch.manual_seed(0)
    x, gate = ((3 * torch.randn(shape)).to(dtype) for _ in range(2))
    plain, gated = modeling.Qwen3_5RMSNorm(shape[-1]).to(dtype), modeling.Qwen3_5RMSNormGated(shape[-1]).to(dtype)
    for norm in (plain, gated):
        norm.weight.data.normal_(0.5, 0.3)
    with torch.inference_mode():
        assert torch.equal(RowNorm(plain)(x), plain(x))
        assert torch.equal(GatedNorm(gated)(x, gate), gated(x, gate))


def test_none_of_the_library_s_normalisations_is_left(marlin):
    kinds = {type(module).__name__ for module in marlin.text.modules()}
    assert {"RowNorm", "GatedNorm"} <= kinds
    assert not {kind for kind in kinds if kind.startswith("Qwen3_5RMSNorm")}


def test_the_operators_of_a_decode_step_are_no_more_than_they_were(marlin):
    before_step = []
    hook = marlin.text.register_forward_pre_hook(lambda *_: before_step.append(len(names)))
    with counted() as names:
        marlin.ask(drawn(0, 4), [Question("Who?", 8), Question("Where?", 8)])
    hook.remove()
    assert before_step[-1] - before_step[-2] <= STEP_LAUNCHES
