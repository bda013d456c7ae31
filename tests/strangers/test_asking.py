"""The process that looks: what it cannot do even if a file overpowers it, and what is said when it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from tests.strangers.keras_files import hdf5, keras, network
from tests.strangers.specimens import ESCAPE, SECRET
from workbench.errors import StrangerError
from workbench.plain import is_plain
from workbench.spec import presets
from workbench.spec.carried import models
from workbench.spec.carried.block import Carried
from workbench.spec.recipe import Recipe
from workbench.strangers import asking, found
from workbench.strangers.found import Found, Use

#: What is tried within the limits, and what stops it.
DEEDS = {
    "open({outside!r})": "PermissionError", "open({outside!r}, 'w')": "PermissionError",
    "open({inside!r}, 'a')": "PermissionError", "__import__('os').system('true')": "PermissionError",
    "__import__('subprocess').run(['true'])": "PermissionError", "__import__('socket').socket()": "PermissionError",
    "__import__('pickle').loads(b'cos\\nsystem\\n.')": "PermissionError", "bytearray(1 << 30)": "MemoryError",
    "__import__('os').remove({inside!r})": "PermissionError", "__import__('os').write(__import__('os').open({pipe!r}, 1), b'x')": "PermissionError",
}  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS)
def test_the_process_cannot_do_it(tmp_path: Path, deed: str) -> None:
    inside, outside = tmp_path / "file", tmp_path / "other"
    inside.write_text("x")
    outside.write_text("y")
    tried = deed.format(inside=str(inside), outside=str(outside), pipe=str(tmp_path / "new"))
    code = (
        "from pathlib import Path; from workbench.strangers.confining import confine\n"
        f"confine(Path({str(inside)!r}), 5)\nassert open({str(inside)!r}).read() == 'x'\n"
        f"try:\n    {tried}\nexcept Exception as error:\n    print(type(error).__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == f"{DEEDS[deed]}\n", done.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "other"]


def test_a_file_that_takes_too_long_is_refused_and_its_process_is_gone(tmp_path: Path) -> None:
    told = asking.look(keras(tmp_path / "a.keras"), seconds=0.02)
    sentence = "It could not be looked through within 0 seconds, so it is not used. If the machine was busy, try again."
    assert told == Found("a file", sentence)


def test_a_process_that_needs_too_much_memory_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "LARGEST_MEMORY", 1 << 20)
    assert "more memory" in asking.look(keras(tmp_path / "a.keras"), seconds=60).sentence


def test_a_process_that_breaks_down_or_says_nonsense_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = keras(tmp_path / "a.keras")
    for module in ("this", "tests.strangers.no_such_module"):
        monkeypatch.setattr(asking, "MODULE", module)
        assert "broke down over it" in asking.look(path, seconds=60).sentence


@pytest.mark.parametrize(
    "change", [{"uses": ["run"]}, {"layers": [["a", "b", [["c", [-1], "<f4"]], None]]}, {"layers": [["a", "b", [["c", [1], "O"]], None]]}, {"recipe": 3}, {"what": None}]
)  # fmt: skip
def test_an_answer_that_is_none_is_not_believed(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"no answer|no layer|no array|not a valid"):
        Found.from_tree({**Found("a", "b").tree(), **change})


def test_texts_of_an_answer_are_made_fit_to_be_shown_whoever_wrote_it() -> None:
    odd = f"{ESCAPE}\n{'x' * 5_000}"
    layer = found.StrangerLayer(odd, odd, (found.Numbers(odd, (2,), "<f4"),))
    told = Found.from_tree(Found(odd, odd, (Use.WEIGHTS,), (layer,)).tree())
    (known,) = told.layers
    texts = {told.what: 120, told.sentence: 600, known.name: 160, known.kind: 160, known.arrays[0].name: 160}
    assert all(is_plain(text) and len(text) == longest for text, longest in texts.items())


def test_what_is_found_comes_through_json_as_it_was() -> None:
    layer = found.StrangerLayer("a", "dense", (found.Numbers("0", (2, 3), "<f4"),), 0.001)
    told = Found("a", "b", (Use.RECIPE, Use.WEIGHTS), (layer,), "format = 1")
    assert Found.from_tree(json.loads(json.dumps(told.tree()))) == told


def test_the_numbers_of_each_form_come_as_they_were_written(tmp_path: Path) -> None:
    kernel = np.arange(36, dtype=np.float32).reshape(3, 3, 1, 4)

    def fill(file):
        variables = file.create_group("layers/conv2d/vars")
        variables.attrs["name"] = "first"
        variables.create_dataset("0", data=kernel.astype(">f8"), chunks=(1, 3, 1, 4), compression="gzip", shuffle=True)

    for path in (
        keras(tmp_path / "a.keras", weights=hdf5(fill)),
        keras(tmp_path / "deflated.keras", weights=hdf5(fill), packing=8),
    ):
        told, arrays = asking.take(path)
        assert [(layer.name, layer.kind) for layer in told.layers] == [("first", "conv2d")]
        assert (arrays["first/0"] == kernel).all()
    (tmp_path / "a.h5").write_bytes(hdf5(fill))
    assert (asking.take(tmp_path / "a.h5")[1]["first/0"] == kernel).all()
    (tmp_path / "a.safetensors").write_bytes(safetensors.numpy.save({"first/kernel": kernel, "n/count": np.arange(3)}))
    assert (asking.take(tmp_path / "a.safetensors")[1]["first/kernel"] == kernel).all()


def test_bfloat16_becomes_single_precision(tmp_path: Path) -> None:
    values = np.array([1, -2.5, 0.15625], np.float32)
    halves = (values.view("<u4") >> 16).astype("<u2").tobytes()
    header = json.dumps({"a/bias": {"dtype": "BF16", "shape": [3], "data_offsets": [0, 6]}}).encode()
    (tmp_path / "a.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + halves)
    assert (asking.take(tmp_path / "a.safetensors")[1]["a/bias"] == values).all()


def test_weights_are_not_taken_from_what_has_none(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("format = 1")
    with pytest.raises(StrangerError, match="It is a preset"):
        asking.take(tmp_path / "a.toml")


def test_a_file_that_carries_a_recipe_says_so_and_gives_it(tmp_path: Path) -> None:
    path = keras(tmp_path / "a.keras")
    models.add_to_zip(path, Carried(presets.dump(Recipe())))
    told = asking.look(path, seconds=60)
    assert told.uses == (Use.RECIPE, Use.WEIGHTS)
    assert presets.loads(told.recipe).recipe == Recipe()


def test_a_job_is_a_folder_and_a_saved_model_with_a_recipe_is_a_recipe(tmp_path: Path) -> None:
    for folder, uses in (("job", (Use.FOLDER,)), ("model", (Use.RECIPE,))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "recipe.toml").write_text(presets.dump(Recipe()))
        if folder == "model":
            (tmp_path / folder / "saved_model.pb").write_bytes(b"x")
        assert asking.look(tmp_path / folder, seconds=60).uses == uses


def test_weights_beside_a_recipe_of_another_version_can_still_be_a_start(tmp_path: Path) -> None:
    path = keras(tmp_path / "a.keras")
    models.add_to_zip(path, Carried("format = 99"))
    told = asking.look(path, seconds=60)
    assert told.uses == (Use.WEIGHTS,)
    assert "It carries a recipe that cannot be used: format: must be 1, got 99" in told.sentence


def test_layers_come_in_the_order_of_the_network_and_not_of_their_names(tmp_path: Path) -> None:
    def fill(file):
        for number in (10, 9, 1):
            variables = file.create_group(f"layers/dense_{number}/vars")
            variables.attrs["name"] = f"dense_{number}"
            variables["0"] = np.ones((2, 3), np.float32)

    later = (
        {"class_name": "Dense", "config": {"name": "dense_10"}},
        {"class_name": "Dense", "config": {"name": "dense_1"}},
    )
    told = asking.look(keras(tmp_path / "a.keras", network(*later), hdf5(fill)), seconds=60)
    assert [layer.name for layer in told.layers] == ["dense_10", "dense_1", "dense_9"]
    (tmp_path / "a.h5").write_bytes(hdf5(fill))
    assert [layer.name for layer in asking.look(tmp_path / "a.h5", 60).layers] == ["dense_1", "dense_9", "dense_10"]


def test_the_folder_in_which_a_person_stands_is_not_imported_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("zipfile.py", "json.py", "h5py.py"):
        (tmp_path / name).write_text(f"raise SystemExit({SECRET!r})")
    monkeypatch.chdir(tmp_path)
    assert Use.WEIGHTS in asking.look(keras(tmp_path / "a.keras"), seconds=60).uses
