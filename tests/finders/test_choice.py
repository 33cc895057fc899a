"""Which model answers for a finder: in this process, or on the given server."""

from __future__ import annotations

import pytest

from benchmarks.tiny.models import tiny_marlin, tiny_molmo2
from highlights.dialects.marlin import MARLIN
from highlights.dialects.molmo2 import MOLMO2
from highlights.errors import ModelError
from highlights.finders.choice import WEIGHTS, ModelOptions, choose, open_model
from highlights.media.probe import open_recording
from highlights.models import open_models
from highlights.profile import load
from highlights.records import Recording, Window
from tests.support.drawing import Look, draw_video
from tests.support.model_server import ModelServer, reply_with, status

pytest.importorskip("openai")


@pytest.fixture(scope="module")
def match(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    path = tmp_path_factory.mktemp("choice") / "match.mp4"
    return open_recording([draw_video(path, duration_s=1.0, look=Look(size=(128, 72)))])


def serving(*names: str, **more: str) -> ModelServer:
    return ModelServer(lambda seen: reply_with("no"), models=[{"id": name, "owned_by": "vllm", **more} for name in names])


@pytest.mark.parametrize("name", ["marlin", "molmo2"])
def test_a_requested_family_is_used_on_the_server_whatever_the_name_of_its_model(name):
    with serving("my-model") as server:
        dialect, backend = open_model(name, ModelOptions(("signals", name), server=server.url))
    assert dialect is {"marlin": MARLIN, "molmo2": MOLMO2}[name]
    assert backend.name.startswith("my-model on vllm at ")
    backend.close()


@pytest.mark.parametrize(
    ("served", "root", "spoken"),
    [("allenai/Molmo2-4B", "", MOLMO2), ("mine", "/weights/Molmo2-8B", MOLMO2), ("mine", "", MARLIN)],
)
def test_the_finder_server_chooses_the_family_by_the_name_of_the_model(served, root, spoken):
    with serving(served, **({"root": root} if root else {})) as server:
        dialect, backend = open_model("server", ModelOptions(("server",), server=server.url))
    assert dialect is spoken
    backend.close()


def test_each_family_uses_its_own_of_several_models_on_a_server(match):
    with serving("NemoStation/Marlin-2B", "allenai/Molmo2-4B") as server:
        options = ModelOptions(("marlin", "molmo2"), server=server.url)
        with open_models(options.finders, options, match) as models:
            names = models.names
    assert [name.split(" on ")[0] for name in names] == ["NemoStation/Marlin-2B", "allenai/Molmo2-4B"]


@pytest.mark.parametrize("served", [("a-molmo", "b-molmo"), ("a", "b")])
def test_a_model_must_be_named_if_several_or_none_match(served):
    with serving(*served) as server:
        with pytest.raises(ModelError, match=f"choose one with --model: {', '.join(served)}"):
            open_model("molmo2", ModelOptions(("molmo2",), server=server.url))
        dialect, backend = open_model("molmo2", ModelOptions(("molmo2",), server=server.url, model=served[1]))
    assert (dialect, backend.name.split(" on ")[0]) == (MOLMO2, served[1])
    backend.close()


def test_a_second_model_beside_the_finder_server_runs_on_this_machine(match):
    with serving("NemoStation/Marlin-2B") as server:
        options = ModelOptions(("server", "molmo2"), server=server.url, model="NemoStation/Marlin-2B")
        with (
            pytest.raises(ModelError, match="no weights of allenai/Molmo2-4B"),
            open_models(options.finders, options, match),
        ):
            pass


@pytest.mark.parametrize(("make", "family"), [(tiny_marlin, "marlin"), (tiny_molmo2, "molmo2")])
def test_auto_recognises_the_family_of_the_weights(make, family, tmp_path):
    pytest.importorskip("transformers")
    choice = choose(ModelOptions(model=str(make(tmp_path / "weights"))))
    assert family.capitalize() in choice.why
    assert choice.finders == (("signals", family) if "GPU (" in choice.why else ("signals",))


@pytest.mark.parametrize("names", [("molmo2",), ("marlin", "molmo2")], ids=["alone", "beside Marlin"])
def test_auto_takes_molmo2_where_it_was_downloaded_and_there_is_a_gpu(names, tmp_path, monkeypatch):
    torch = pytest.importorskip("torch")
    pytest.importorskip("transformers")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    for name in names:
        repository = tmp_path / f"models--{WEIGHTS[name].replace('/', '--')}"
        {"marlin": tiny_marlin, "molmo2": tiny_molmo2}[name](repository / "snapshots" / ("1a2b3c4d" * 5))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a card")
    assert choose(ModelOptions()).finders == ("signals", *names)


def test_a_model_that_was_not_asked_for_does_not_end_the_run_when_it_fails(match):
    with serving("NemoStation/Marlin-2B") as server:
        options = ModelOptions(server=server.url)
        with open_models(("signals", "server"), options, match, optional=True) as models:
            server.misbehave(*[status(400, "CUDA error: device-side assert")] * 9)
            events = models.find(load("soccer"), [Window(match.span)], ())
    assert (events, models.names) == ([], ())
    [fault] = models.faults.faults
    assert fault.problem.startswith("the model failed, and the run went on without it: ")


def test_a_server_that_is_not_there_does_not_end_a_run_that_chose_it_by_itself(match):
    options = ModelOptions(server="http://127.0.0.1:9/v1")
    with open_models(("signals", "server"), options, match, optional=True) as models:
        assert models.names == ()
    assert "no server answers" in models.faults.faults[0].problem
    with pytest.raises(ModelError, match="no server answers"), open_models(("signals", "server"), options, match):
        pass


@pytest.mark.parametrize("finders", [(), ("signals",)])
def test_a_checker_without_a_model_that_finds_is_refused(finders):
    with pytest.raises(ModelError, match=r"--checker checks what another model names: add one to --finder"):
        choose(ModelOptions(finders, checker="http://localhost:1/v1"))
