"""Normalisations as single operators give the same bits as the library's."""

from __future__ import annotations

import pytest

from benchmarks.launches import counted
from benchmarks.tiny.prompts import drawn
from highlights.backends.norms import single_norms
from highlights.dialects.dialect import Question

torch = pytest.importorskip("torch")
modeling = pytest.importorskip("transformers.models.qwen3_5.modeling_qwen3_5")

STEP_LAUNCHES = 224  # of the tiny model of 4 layers; 302 with the library's normalisations


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("shape", [(16, 1, 2048), (2, 8, 5, 256), (3, 64)])
def test_a_normalisation_gives_the_same_bits(dtype, shape):
    torch.manual_seed(0)
    x, gate = ((3 * torch.randn(shape)).to(dtype) for _ in range(2))
    plain, gated = modeling.Qwen3_5RMSNorm(shape[-1]).to(dtype), modeling.Qwen3_5RMSNormGated(shape[-1]).to(dtype)
    for norm in (plain, gated):
        norm.weight.data.normal_(0.5, 0.3)
    with torch.inference_mode():
        expected = plain(x), gated(x, gate)
        single_norms(torch.nn.ModuleList([plain, gated]))
        assert plain.forward != type(plain).forward
        assert torch.equal(plain(x), expected[0])
        assert torch.equal(gated(x, gate), expected[1])


def test_every_normalisation_of_a_loaded_model_is_a_single_operator(marlin):
    norms = [module for module in marlin.text.modules() if "RMSNorm" in type(module).__name__]
    assert len(norms) == 2 * 4 + 3 + 2 + 1  # of four layers, three gated, two for queries and keys, and the last
    assert all("forward" in vars(norm) for norm in norms)


def test_the_operators_of_a_decode_step_are_no_more_than_they_were(marlin):
    before_step, names = [], []
    hook = marlin.text.register_forward_pre_hook(lambda *_: before_step.append(len(names)))
    with counted(names):
        marlin.ask(drawn(0, 4), [Question("Who?", 8), Question("Where?", 8)])
    hook.remove()
    assert before_step[-1] - before_step[-2] <= STEP_LAUNCHES
