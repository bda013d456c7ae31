from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.data import DataSet, describe
from workbench.data.folder import printable
from workbench.errors import DataError
from workbench.spec.data import Folder

Make = Callable[..., Path]
Read = Callable[..., DataSet]


def settings(path: Path, **changed: object) -> Folder:
    return Folder(**{"path": str(path), "image_size": 8, "validation": 0.2, "test": 0.2, **changed})


def sizes(found: DataSet) -> tuple[int, int, int]:
    return len(found.training), len(found.validation), len(found.test)


def test_a_folder_a_class_is_divided_by_the_shares(folder: Make, read: Read) -> None:
    found = read(settings(folder(cats=10, dogs=20)))
    assert found.classes == ("cats", "dogs")
    assert sizes(found) == (18, 6, 6)
    assert np.bincount(found.training.labels).tolist() == [6, 12]
    assert found.left_out == ()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("train", "test"), (16, 4, 10)),
        (("Training", "Validation", "Test"), (20, 10, 10)),
        (("train", "valid"), (16, 10, 4)),
        (("train", "val", "testing"), (20, 10, 10)),
        (("train",), (12, 4, 4)),
    ],
)
def test_folders_of_parts_are_taken_by_their_usual_names(
    folder: Make, read: Read, names: tuple[str, ...], expected: tuple[int, int, int]
) -> None:
    base = folder(
        **{f"{part}__{name}": 10 if not number else 5 for number, part in enumerate(names) for name in ("a", "b")}
    )
    assert sizes(read(settings(base))) == expected


def test_a_class_may_be_called_train(folder: Make, read: Read) -> None:
    assert read(settings(folder(train=5, plane=5))).classes == ("plane", "train")


def test_a_class_of_the_test_folder_that_nothing_is_learned_of_is_left_out(folder: Make, read: Read) -> None:
    found = read(settings(folder(train__a=5, train__b=5, test__a=2, test__c=2)))
    assert found.classes == ("a", "b")
    assert len(found.test) == 2
    assert found.left_out == (f"{Path('test') / 'c'}: there is no class of this name in the training folder.",)


def test_what_lies_beside_the_class_folders_is_named(folder: Make, read: Read) -> None:
    base = folder(train__a=5, train__b=5, test__a=2, extra__c=2)
    (base / "test" / "a" / "0.png").rename(base / "test" / "loose.png")
    assert read(settings(base)).left_out == (
        "1 picture in test lies in no class folder: loose.png.",
        "extra: a folder beside those for training and testing is not looked into.",
    )


def test_a_class_of_files_with_other_endings_says_which_can_be_read(folder: Make, read: Read) -> None:
    base = folder(cats=5, dogs=0)
    (base / "dogs" / "a.heic").touch()
    with pytest.raises(
        DataError, match=r"no pictures in the class dogs.* a\.heic cannot be read as pictures; PNG, JPEG"
    ):
        read(settings(base))


def test_pictures_in_folders_within_a_class_belong_to_it(folder: Make, read: Read) -> None:
    assert sizes(read(settings(folder(a__may=4, a__june=6, b=10)))) == (12, 4, 4)


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, "is not there"),
        ({"cats": 5}, "holds only one class, cats. There must be at least two classes"),
        ({"cats": 0, "dogs": 0}, "holds no pictures. Put the pictures of each class into a folder of their own"),
        (
            {"cats": 3, "dogs": 0},
            "there are no pictures in the class dogs. Add pictures there, or take the folder away",
        ),
        ({"cats": 1, "dogs": 1}, "No class has enough pictures .* Each class needs at least 3 pictures"),
        ({"val__a": 2, "test__a": 2}, "holds test and val but no train folder"),
        ({"train": 2, "test": 2}, "The folder train in .* holds no folder for a class"),
    ],
)
def test_a_folder_that_cannot_be_used_says_what_is_missing(
    folder: Make, read: Read, counts: dict[str, int], sentence: str
) -> None:
    with pytest.raises(DataError, match=sentence):
        read(settings(folder(**counts)))


def test_an_empty_folder_and_a_file_say_so(tmp_path: Path, read: Read) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no folders"):
        read(settings(tmp_path / "empty"))
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="is a file"):
        read(settings(tmp_path / "file"))
    with pytest.raises(DataError, match=r"data\.path is empty"):
        read(Folder())


def test_unreadable_pictures_are_named_and_left_out(folder: Make, read: Read) -> None:
    base = folder(cats=10, dogs=10)
    (base / "cats" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (base / "dogs" / "cut 😀.png").write_bytes((base / "dogs" / "0.png").read_bytes()[:200])
    (base / "dogs" / "notes.txt").write_text("about dogs")
    found = read(settings(base))
    assert sum(sizes(found)) == 20
    assert len(found.left_out) == 3
    assert any(sentence.startswith(f"{Path('cats') / 'broken.jpg'}: it is") for sentence in found.left_out)
    assert any(sentence.startswith(f"{Path('dogs') / 'cut 😀.png'}: it is damaged") for sentence in found.left_out)
    assert any("notes.txt" in sentence for sentence in found.left_out)
    assert read(settings(base)).left_out == found.left_out


def test_a_class_of_which_nothing_can_be_read_says_so(folder: Make, read: Read) -> None:
    base = folder(cats=5, dogs=5)
    for path in (base / "cats").iterdir():
        path.write_bytes(b"no picture")
    with pytest.raises(DataError, match="None of the pictures of cats could be read"):
        read(settings(base))


def test_a_hundred_of_many_unreadable_files_are_named_and_the_rest_counted(folder: Make, read: Read) -> None:
    base = folder(cats=5, dogs=5)
    for number in range(130):
        (base / "cats" / f"x{number}.png").write_bytes(b"no picture")
    found = read(settings(base))
    assert len(found.left_out) == 101
    assert found.left_out[-1] == "30 more files were left out."


def test_names_with_spaces_emoji_and_right_to_left_text_work(folder: Make, read: Read) -> None:
    names = ["two words", "😀🎉", "חתולים", "قطط"]
    base = folder(**dict.fromkeys(names, 5))
    found = read(settings(base))
    assert found.classes == tuple(sorted(names))
    assert sum(sizes(found)) == 20


def test_hidden_files_and_folders_are_not_looked_at(folder: Make, read: Read) -> None:
    base = folder(**{"cats": 5, "dogs": 5, ".git": 5})
    (base / "__MACOSX" / "cats").mkdir(parents=True)
    (base / "cats" / "._0.png").write_bytes(b"a shadow of another system")
    (base / "cats" / ".DS_Store").touch()
    found = read(settings(base))
    assert found.classes == ("cats", "dogs")
    assert found.left_out == ()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_that_lead_back_are_harmless_and_no_picture_is_taken_twice(folder: Make, read: Read) -> None:
    base = folder(cats=5, dogs=5)
    (base / "cats" / "again").symlink_to(base / "cats")
    (base / "cats" / "up").symlink_to(base)
    (base / "cats" / "self.png").symlink_to(base / "cats" / "self.png")
    (base / "loop").symlink_to(base / "loop")
    (base / "dogs" / "same.png").symlink_to(base / "cats" / "0.png")
    os.link(base / "dogs" / "1.png", base / "dogs" / "hard.png")
    found = read(settings(base))
    everything = np.concatenate([part.pictures.array() for part in (found.training, found.validation, found.test)])
    assert len(np.unique(everything.reshape(len(everything), -1), axis=0)) == len(everything) == 10
    assert any("self.png: it is a link that leads back to itself" in sentence for sentence in found.left_out)
    assert any("hard.png: it is the same file as one that was already taken" in sentence for sentence in found.left_out)


def test_colour_and_grey_are_two_sets(folder: Make, read: Read) -> None:
    base = folder(cats=5, dogs=5)
    assert read(settings(base)).shape == (8, 8, 3)
    assert read(settings(base, colour="grey")).shape == (8, 8, 1)


def test_a_changed_picture_is_read_again(folder: Make, read: Read) -> None:
    base = folder(cats=5, dogs=5)
    before = read(settings(base))
    assert read(settings(base)).fingerprint == before.fingerprint
    Image.new("RGB", (12, 12), "red").save(base / "cats" / "0.png")
    assert read(settings(base)).fingerprint != before.fingerprint


def test_a_folder_is_described_by_its_class_folders(folder: Make, tmp_path: Path) -> None:
    base = folder(cats=1, dogs=0, eels=0)
    assert describe(settings(base)) == (8, 8, 3, 3)
    assert describe(settings(base, colour="grey")) == (8, 8, 1, 3)
    assert describe(Folder()) is None
    with pytest.raises(DataError, match="is not there"):
        describe(settings(tmp_path / "none"))


def test_names_are_shown_without_signs_that_steer() -> None:
    assert printable("a\x1b[31m\n\u202egnp.exe") == "a�[31m��gnp.exe"
    assert printable(os.fsdecode(b"\xff")) == "�"
    assert printable("👩‍🚀 שלום") == "👩‍🚀 שלום"
