"""What was noted is not noted again, what has changed is, and what was broken off goes on."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.data.scan.conftest import Look
from workbench.data import mask_folder
from workbench.data.crew import Crew
from workbench.data.scan import album, reading, request
from workbench.data.scan.asking import Scan, open_album
from workbench.data.scan.message import Message
from workbench.errors import DataError
from workbench.paths import Workspace
from workbench.spec import data as spec


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that crews were asked to look at."""
    paths: list[str] = []
    plain = Crew.do

    def watched(self, wanted, task):
        paths.extend(wanted)
        return plain(self, wanted, task)

    monkeypatch.setattr(Crew, "do", watched)
    return paths


def settings(base: Path, **more: object) -> spec.Folder:
    return spec.Folder(path=str(base), image_size=12, **more)


def test_a_second_scan_reads_no_picture_and_says_the_same(folder, look: Look, asked):
    base = folder(cats=30, dogs=30)
    (base / "dogs" / "4.png").write_bytes(b"broken")
    first = look(settings(base))
    assert len(asked) == 60
    second = look(settings(base))
    assert len(asked) == 60
    assert second.last("found").words == first.last("found").words
    assert second.parts.tolist() == first.parts.tolist()
    assert second.last("progress").words == {"done": 60, "total": 60}


def test_another_seed_limit_or_image_size_needs_no_second_look(folder, look: Look, asked):
    base = folder(cats=30, dogs=30)
    look(settings(base))
    other = look(settings(base, limit=20), seed=9)
    look(spec.Folder(path=str(base), image_size=48, colour="grey"))
    assert len(asked) == 60
    assert len(other.parts) == 20
    opened = open_album(other.last("listed"))
    assert sorted({opened.name(int(row)).split("/")[0] for row in other.last("listed").arrays["index"]}) == [
        "cats",
        "dogs",
    ]
    opened.close()


def test_only_what_came_or_changed_is_read(folder, look: Look, asked):
    base = folder(cats=30, dogs=30)
    look(settings(base))
    asked.clear()
    Image.fromarray(np.full((12, 12, 3), 9, np.uint8)).save(base / "cats" / "7.png")
    Image.fromarray(np.full((12, 12, 3), 7, np.uint8)).save(base / "dogs" / "new.png")
    (base / "cats" / "8.png").unlink()
    told = look(settings(base))
    assert sorted(asked) == [str(base / "cats" / "7.png"), str(base / "dogs" / "new.png")]
    opened = open_album(told.last("listed"))
    rows = {opened.name(int(row)): int(row) for row in told.last("listed").arrays["index"]}
    for name in ("cats/7.png", "dogs/new.png", "dogs/3.png"):
        with Image.open(base / name) as image:
            assert np.array_equal(opened.small(rows[name]), np.asarray(image))
    opened.close()


def test_a_file_whose_time_alone_differs_is_read_again(folder, look: Look, asked):
    base = folder(cats=3, dogs=3)
    look(settings(base))
    os.utime(base / "cats" / "1.png", ns=(1, 1))
    look(settings(base))
    assert asked[6:] == [str(base / "cats" / "1.png")]


def test_files_that_were_out_of_reach_are_read_the_next_time(folder, look: Look, asked, monkeypatch):
    base = folder(cats=30, dogs=30)
    (base / "dogs" / "4.png").write_bytes(b"broken")
    with monkeypatch.context() as patched:
        patched.setattr(Crew, "do", while_away(Crew.do, base / "cats"))
        away = look(settings(base))
    assert away.finding("unreadable")["sentence"] == "31 files could not be read and are left out"
    assert sorted(set(away.last("found").words["failed"].values())) == [
        "it is not a picture that can be read (PNG, JPEG, BMP, WebP, TIFF or GIF), or it is damaged",
        "it is not there any more",
    ]
    asked.clear()
    back = look(settings(base))
    assert sorted(asked) == sorted(str(base / "cats" / f"{number}.png") for number in range(30))
    assert back.finding("unreadable")["sentence"] == "1 file could not be read and is left out"
    assert (back.parts >= 0).sum() == 59


def test_masks_that_were_out_of_reach_are_read_the_next_time(tmp_path: Path, look: Look, monkeypatch):
    base = tmp_path / "scenes"
    for number in range(12):
        for name, high in (("images", 256), ("masks", 3)):
            inside = base / name / ("dusk" if number == 5 else "dawn")
            inside.mkdir(parents=True, exist_ok=True)
            pixels = np.random.default_rng(number).integers(0, high, (20, 20), np.uint8)
            Image.fromarray(pixels).save(inside / f"{number}.png")
    asked = spec.MaskFolder(path=str(base), image_size=16)
    with monkeypatch.context() as patched:
        patched.setattr(mask_folder, "decode_all", while_away(mask_folder.decode_all, base / "masks" / "dusk"))
        away = look(asked)
    assert away.finding("unreadable")["sentence"] == "1 file could not be read and is left out"
    assert list(away.last("found").words["failed"].values()) == ["its mask cannot be used: it is not there any more"]
    assert look(asked).finding("unreadable") is None


def while_away(work, path: Path):
    """Does work, step by step, while this folder lies elsewhere, which leaves no trace in the files themselves."""

    def do(*rest):
        elsewhere = path.rename(path.with_name("elsewhere"))
        yield from work(*rest)
        elsewhere.rename(path)

    return do


def test_a_scan_that_was_broken_off_goes_on_where_it_was(folder, look: Look, asked, monkeypatch):
    monkeypatch.setattr(reading, "TASK", 4)
    monkeypatch.setattr(request, "PACE", 0)
    base = folder(cats=60, dogs=60)
    told = look(settings(base), stop_after=40)
    assert told.last("ended").words == {"stopped": True}
    assert not told.says("found")
    asked.clear()
    assert look(settings(base)).last("progress").words["done"] == 120
    assert 0 < len(asked) <= 84


def test_a_damaged_or_older_album_is_made_anew(folder, look: Look, asked, workspace: Workspace):
    base = folder(cats=3, dogs=3)
    look(settings(base))
    (kept,) = (workspace.cache / "scans").iterdir()
    about = (kept / "about.json").read_text()
    for broken in ("", "{}", about.replace('"format": 1', '"format": 0'), about.replace("mark", "mask")):
        (kept / "about.json").write_text(broken)
        asked.clear()
        assert look(settings(base)).says("found")
        assert len(asked) == 6


def test_the_first_pictures_that_are_looked_at_are_those_a_gallery_shows_first(folder, look: Look, asked, monkeypatch):
    monkeypatch.setattr(reading, "FIRST", 5)
    base = folder(cats=40, dogs=40)
    told = look(settings(base))
    order = reading.gallery_order(80, 1, 0)
    parts = told.last("listed").arrays["parts"]
    names = [
        f"{name}/{number}"
        for name in ("cats", "dogs")
        for number in sorted(map(str, range(40)), key=lambda n: f"{n}.png")
    ]
    expected = [names[place] for share in range(3) for place in order[parts[order] == share][:5]]
    assert [path.removeprefix(f"{base}/").removesuffix(".png") for path in asked[:15]] == expected


def test_the_first_pictures_are_said_at_once_and_later_ones_now_and_then(folder, look: Look, monkeypatch):
    monkeypatch.setattr(request, "PACE", 1_000.0)
    told = look(settings(folder(cats=200, dogs=200)))
    done = [message.words["done"] for message in told.messages if message.say == "progress"]
    assert sorted(set(done)) == [32, 64, 96, 128, 400]


def test_no_process_is_begun_for_a_folder_that_was_looked_through(folder, look: Look, monkeypatch):
    begun: list[object] = []
    plain = reading.Crew
    monkeypatch.setattr(reading, "Crew", lambda *rest: (begun.append(rest), plain(*rest))[1])
    base = folder(cats=20, dogs=20)
    look(settings(base))
    assert len(begun) == 1
    look(settings(base))
    assert len(begun) == 1


def test_albums_that_were_used_longest_ago_make_room(
    folder, look: Look, workspace: Workspace, monkeypatch, tmp_path: Path
):
    base = folder(cats=3, dogs=3)
    look(settings(base))
    (first,) = (workspace.cache / "scans").iterdir()
    os.utime(first, (1, 1))
    monkeypatch.setattr(album, "KEPT", 10)
    look(spec.Digits())
    assert not first.exists()


def test_an_album_that_another_process_finished_first_stays(folder, look: Look, workspace: Workspace, made_meanwhile):
    base = folder(cats=3, dogs=3)
    look(settings(base))
    (kept,) = (workspace.cache / "scans").iterdir()
    made_meanwhile(kept)
    told = look(settings(base))
    assert told.says("found")
    assert not told.says("problem")
    assert list((workspace.cache / "scans").iterdir()) == [kept]


def test_a_full_disk_is_a_sentence_and_leaves_nothing(folder, look: Look, workspace: Workspace, monkeypatch):
    base = folder(cats=3, dogs=3)

    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workbench.data.scan.album.tempfile.mkdtemp", full)
    told = look(settings(base))
    assert "is full" in told.last("problem").words["sentence"]
    assert not list((workspace.cache / "scans").iterdir())


# --- the process -------------------------------------------------------------------------------------------------------


def test_the_process_says_what_the_scan_says(folder, look: Look, workspace: Workspace):
    base = folder(cats=20, dogs=20)
    scan = Scan(settings(base), 1, workspace)
    messages = list(scan.messages())
    scan.close()
    assert [message.say for message in messages if message.say not in {"reading", "progress"}] == [
        "listed",
        "parts",
        "found",
        "ended",
    ]
    told = look(settings(base), seed=1)
    assert messages[-3].arrays["parts"].tolist() == told.parts.tolist()


def test_the_process_ends_when_it_is_not_wanted_any_more(folder, workspace: Workspace):
    base = folder(cats=300, dogs=300)
    scan = Scan(settings(base), 1, workspace)
    for message in scan.messages():
        if message.say == "progress":
            break
    scan.close()
    assert scan._process.returncode == 0
    assert not [path for path in (workspace.cache / "scans").iterdir() if path.name.startswith(".part")]


def test_python_files_in_the_current_folder_are_not_taken_for_modules(folder, workspace: Workspace, monkeypatch):
    base = folder(cats=6, dogs=6)
    for name in ("json", "struct", "numpy", "workbench"):
        (base / f"{name}.py").write_text(f"open({str(base / 'executed')!r}, 'w').close()")
    monkeypatch.chdir(base)
    scan = Scan(settings(base), 1, workspace)
    told = list(scan.messages())
    scan.close()
    assert [message.say for message in told][-3:] == ["parts", "found", "ended"]
    assert not (base / "executed").exists()


def test_a_process_that_goes_away_is_told(folder, workspace: Workspace):
    scan = Scan(settings(folder(cats=300, dogs=300)), 1, workspace)
    told = []
    for message in scan.messages():
        told.append(message)
        scan._process.kill()
    scan.close()
    assert told[-1].say == "problem"
    assert "has ended" in told[-1].words["sentence"]


def test_a_recipe_that_cannot_be_is_a_sentence(workspace: Workspace):
    scan = Scan(spec.Digits.model_construct(image_size=2), 1, workspace)
    told = list(scan.messages())
    scan.close()
    assert [message.say for message in told] == ["problem", "ended"]
    assert "data.image_size" in told[0].words["sentence"]


def test_a_data_set_that_is_not_there_is_not_fetched_unasked(look: Look):
    told = look(spec.Mnist())
    assert told.last("absent").words == {"name": "mnist.npz"}
    assert told.last("ended").words == {"stopped": False}


def test_a_folder_that_is_not_there_is_a_sentence(look: Look, tmp_path: Path):
    told = look(settings(tmp_path / "nowhere"))
    assert "is not there" in told.last("problem").words["sentence"]


def test_an_album_can_be_opened_at_every_moment_of_its_making(tmp_path: Path, monkeypatch):
    """The window opens it while the scan finishes it."""
    making = album.Making(tmp_path, ["a", "b"], None)
    listed = Message("listed", {"folder": str(making.folder), "kept": str(tmp_path / "kept"), "mark": making.mark})
    plain, opened = Path.write_text, []

    def watched(self, *arguments, **more):
        self.touch()
        opened.append(open_album(listed))
        written = plain(self, *arguments, **more)
        opened.append(open_album(listed))
        return written

    monkeypatch.setattr(Path, "write_text", watched)
    making.finish("kept")
    opened.append(open_album(listed))
    for each in opened:
        assert each.name(1) == "b"
        each.close()


def test_an_album_that_was_made_anew_is_not_taken_for_the_one_that_was_said(folder, look: Look, workspace: Workspace):
    base = folder(cats=3, dogs=3)
    told = look(settings(base))
    os.utime(base / "cats" / "1.png", ns=(1, 1))
    look(settings(base))
    with pytest.raises(DataError, match="Look again"):
        open_album(told.last("listed"))
