"""`export` of a run's network, with the fake engine: what is asked of the engine, and what people and programs are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from workbench.journal import Journal
from workbench.launch.model_files import MODEL_FILES
from workbench.launch.probe import Probe
from workbench.paths import Workspace
from workbench.spec import Recipe, presets

Tell = Callable[..., Any]


@pytest.fixture
def trained(workspace: Workspace) -> str:
    with Journal(workspace) as journal:
        return journal.create_run(Recipe(), "Old one").id


@pytest.mark.parametrize(("kind", "suffix"), [(each.name, each.suffix) for each in MODEL_FILES])
def test_it_is_said_what_was_written_and_how_well_it_agrees(
    command: Tell, trained: str, tmp_path: Path, kind: str, suffix: str
) -> None:
    said = command("export", "1", "--as", kind, "--to", str(tmp_path / "model"))
    assert (said.code, said.err) == (0, "")
    written = tmp_path / f"model{suffix}"
    example = "example.py" if kind == "savedmodel" else f"model{suffix}.example.py"
    assert said.out == (
        f"Wrote Old one after epoch 6 to {written}; {example} shows how to use it. "
        "Its probabilities differ from the run's own by at most 2e-07.\n"
    )
    told = command("export", "Old one", "--as", kind, "--to", str(written), "--json").json
    assert (told["run"], told["as"], told["to"], told["difference"]) == (trained, kind, str(written), 2e-7)


def test_8_bits_are_told_by_how_many_answers_stay(command: Tell, trained: str, tmp_path: Path) -> None:
    said = command("export", "1", "--as", "litert", "--quantised", "--to", str(tmp_path / "a"))
    assert said.code == 0
    assert "In 8 bits 99.6% of its answers on 269 validation pictures are those of the run; 97.8% are right" in said.out


def test_the_engine_is_asked_on_tensorflow_and_the_cpu_for_the_weights_that_were_named(
    command: Tell, trained: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[dict[str, Any], str]] = []
    start = Probe.start.__func__  # type: ignore[attr-defined] # a classmethod has one

    def spy(_: type[Probe], workspace: Workspace, question: dict[str, Any], backend: str = "tensorflow") -> Probe:
        asked.append((question, backend))
        return start(Probe, workspace, question, backend)  # type: ignore[no-any-return] # as above

    monkeypatch.setattr(Probe, "start", classmethod(spy))
    monkeypatch.chdir(tmp_path)
    for which in ("", "best", "last", "12"):
        more = ("--epoch", which) if which else ()
        assert command("export", "1", "--as", "onnx", "--to", "a", *more).code == 0

    assert [question["which"] for question, _ in asked] == ["", "best", "last", "12"]
    question, backend = asked[0]
    training = presets.loads(question["recipe"]).recipe.training
    assert (backend, training.backend, training.device) == ("tensorflow", "tensorflow", "cpu")
    assert question["to"] == str(tmp_path / "a.onnx"), "the engine may stand in another folder"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--as", "onnx", "--to", "a.keras"), "A model as onnx is a file that ends in .onnx, got 'a.keras'."),
        (("--as", "onnx", "--to", "a", "--quantised"), "--quantised is of litert; onnx stays in float32."),
        (("--as", "onnx", "--to", "a", "--epoch", "first"), "--epoch takes a number, best or last, got 'first'."),
        (("--as", "onnx", "--to", "a", "--epoch", "-1"), "--epoch takes a number, best or last, got '-1'."),
        (
            ("--as", "keras", "--to", "a", "--width", "9"),
            "--height and --flags are of curves; a model (keras) has none.",
        ),
        (
            ("--as", "csv", "--to", "a", "--epoch", "3"),
            "--epoch and --quantised are of models; csv has neither.",
        ),
        (("--as", "png", "--to", "a", "--quantised"), "--epoch and --quantised are of models; png has neither."),
    ],
)
def test_options_that_do_not_go_together_are_said(
    command: Tell, trained: str, words: tuple[str, ...], sentence: str
) -> None:
    said = command("export", "1", *words)
    assert (said.code, said.out) == (2, "")
    assert sentence in said.err


@pytest.mark.parametrize("story", ["failed", "died"])
def test_an_export_that_fails_says_why_and_ends_with_3(command: Tell, trained: str, tmp_path: Path, story: str) -> None:
    said = command("export", "1", "--as", "keras", "--to", str(tmp_path / "a"), "--json", story=story)
    assert said.code == 3
    assert said.json["error"] in said.err


def test_ctrl_c_leaves_nothing_half_made_and_ends_with_130(
    command: Tell, trained: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Probe] = []
    kept = [tmp_path / ".a.keras.0123456", tmp_path / ".b.keras.01234567", tmp_path / ".a.keras.nothexxx"]

    def interrupted(probe: Probe) -> None:
        asked.append(probe)
        for each in (*kept, tmp_path / ".a.keras.01234567"):
            each.mkdir()
            (each / "half").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr("workbench.cli.model_files.follow", interrupted)
    said = command("export", "1", "--as", "keras", "--to", str(tmp_path / "a"))

    assert said.code == 130
    assert not psutil.pid_exists(asked[0].process)
    assert sorted(tmp_path.glob(".*")) == sorted(kept), "only what an export to this name has left goes"
