"""A run's report: what stands in it, that it needs nothing but itself, and that nobody's text becomes markup in it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from workbench.errors import ErrorCard
from workbench.events import (
    BestSoFar,
    Continued,
    DataReady,
    Ending,
    EpochEnded,
    EpochStarted,
    Failed,
    ModelReady,
    Paused,
    RateChanged,
    StepBlock,
    StoppedEarly,
    Warned,
)
from workbench.export.report import files, style
from workbench.export.report.markup import Html, plain, tag
from workbench.journal import Journal, Run, labels, watched
from workbench.journal.judged import FOLDER, About, Judged, PartName, path_of, write
from workbench.journal.tested import remember_test
from workbench.paths import Workspace
from workbench.spec import carried
from workbench.spec.recipe import Recipe, parse

EVIL = '<script src="https://evil.example/x.js">alert("1")</script><img src=x onerror=alert(1)>&amp;\x00]]>'
KEPT, LAST = "ab" * 32, "cd" * 32
RECIPE = parse(
    {
        "data": {"kind": "folder", "path": f"/home/{EVIL[:30]}</pre>"},
        "training": {"epochs": 9},
        "optimizer": {"method": "sgd", "learning_rate": 0.05},
        "tricks": {"early_stopping": {"patience": 3}},
    }
)
CLASSES = ("cat", EVIL, "dog")


@pytest.fixture
def journal(tmp_path: Path):
    with Journal(Workspace(tmp_path / "home").create()) as opened:
        yield opened


def trained(
    journal: Journal, name: str = f"Run {EVIL}", *, classes: tuple[str, ...] = CLASSES, epochs: int = 6, recipe: Recipe = RECIPE,
    grown_at: int = 0, of_epochs: dict[str, float] | None = None, left_out: Sequence[str] = (f"{EVIL} is no picture.",),
) -> str:  # fmt: skip
    """A run that got worse after its second epoch, with something of everything that a report tells."""
    run = journal.create_run(recipe, name, preset="own-folder").id
    attempt = journal.begin_attempt(run, grown_at, 10 * grown_at)
    assert attempt
    said: list = [
        DataReady(1000, 200, 100, classes, (64, 48, 3), 10, "finger", tuple(left_out)),
        ModelReady(1_234_567, "tensorflow", f"Device {EVIL}", 3, {"keras": "3.15.1", EVIL: EVIL}),
        Warned(f"Warned of {EVIL}"),
    ]
    for epoch in range(grown_at + 1, epochs + 1):
        clock = 10.0 * (epoch - grown_at)
        losses = np.full(10, 1 / epoch, np.float32)
        numbers = np.stack([losses, np.full(10, 0.05), losses, 1 - losses / 3, 0 * losses], axis=1).astype(np.float32)
        value = 0.5 / epoch if epoch <= 2 else 0.6
        metrics = {"loss": 1 / epoch, "accuracy": 0.5, "val_loss": value, "val_accuracy": 0.9364, **(of_epochs or {})}
        said += [EpochStarted(epoch), StepBlock(10 * epoch - 9, numbers, clock - 10, clock)]
        said.append(EpochEnded(epoch, 10 * epoch, clock, metrics, 123.0, max(0, epoch - 2), 3))
        said += [BestSoFar(epoch, "val_loss", value)] if epoch <= 2 else []
    said += [RateChanged(3, 30, 0.05, 0.005, f"because {EVIL}"), Paused(4, 40), Continued(4, 40, 840.0)]
    said.append(StoppedEarly(epochs, 2, f"No new best. {EVIL}"))
    journal.say(run, attempt, said)
    journal.end(run, Ending.EARLY_STOPPED, f"No new best. {EVIL}")
    journal.write(
        "UPDATE runs SET weights_sha256 = ?, last_weights_sha256 = ?, created = 0 WHERE id = ?", KEPT, LAST, run
    )
    labels.set_tags(journal, run, [f"tag{EVIL}"[:40]])
    labels.set_note(journal, run, f"A note\n{EVIL}")
    return run


def judge(
    journal: Journal,
    run: str,
    part: PartName,
    *,
    classes: tuple[str, ...] = CLASSES,
    weights: str = KEPT,
    step: int = 20,
) -> Path:
    """Of twelve pictures a class one is taken for the next class; of masks a half of each object is missed."""
    count = len(classes)
    truth = np.repeat(np.arange(count), 12)
    said = np.where(np.arange(len(truth)) % 12 == 0, (truth + 1) % count, truth)
    shares = np.full((len(truth), count), 0.4 / (count - 1), np.float32)
    shares[np.arange(len(truth)), said] = 0.6
    about = About(run, 2, step, part, weights, classes, "classes", "same", "same", None, 1.0, 0.0, {"val_loss": 0.2})
    rows = np.arange(len(truth))
    path = path_of(journal.workspace.run_folder(run), 2, step, part, weights)
    path.parent.mkdir(parents=True, exist_ok=True)
    pictures, names, nothing = (
        np.zeros((len(truth), 2, 2, 1), np.uint8),
        np.array([""] * len(truth)),
        np.zeros((0, 3, count), np.int64),
    )
    write(path, Judged(about, truth.astype(np.int32), said.astype(np.int32), pictures, rows, names, shares, nothing))
    return path


def judge_masks(journal: Journal, run: str) -> None:
    counts = np.tile(np.array([[[30, 5, 0], [30, 10, 0], [35, 5, 0]]], np.int64), (4, 1, 1))
    about = About(run, 2, 20, "validation", KEPT, CLASSES, "masks", "same", "other", None, 1.0, 0.0, {"val_loss": 0.2})
    masks = np.zeros((4, 2, 2), np.uint8)
    path = path_of(journal.workspace.run_folder(run), 2, 20, "validation", KEPT)
    path.parent.mkdir(parents=True, exist_ok=True)
    names, shares = np.array([""] * 4), np.zeros((0, 3), np.float32)
    write(path, Judged(about, masks, masks, np.zeros((4, 2, 2, 1), np.uint8), np.arange(4), names, shares, counts))


def report(journal: Journal, run: str, path: Path) -> str:
    files.save(journal.run(run), journal, path)
    return path.read_text("utf-8")


class Read(HTMLParser):
    """What a browser makes of it."""

    VOID = frozenset({"meta"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        #: the text of each row of a table, by its cells
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)
        if self.rows and self.open and self.open[-1] in {"td", "th"}:
            self.rows[-1][-1] += data

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def test_it_needs_nothing_but_itself_and_nobody_s_text_is_markup(journal: Journal, tmp_path: Path) -> None:
    run = trained(journal)
    for part in ("validation", "test"):
        judge(journal, run, part)
    text = report(journal, run, tmp_path / "a.html")
    page = Read(text)

    assert page.open == [], "every element is closed"
    assert not page.tags.keys() & {
        "script",
        "img",
        "link",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
        "video",
        "audio",
    }
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    addresses = [value for name, value in page.attributes if name in {"src", "href", "xlink:href", "action", "data"}]
    assert all(value.startswith("#") for value in addresses)
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)
    assert "http" not in re.sub(r"https://evil\S*", "", text).replace('http-equiv="Content-Security-Policy"', "")
    assert "default-src 'none'" in text
    for words in ("alert(", "onerror=alert(1)>"):
        assert words in page.text, "it is there to be read"
    assert "\x00" not in text


def test_it_says_how_the_run_ended_and_what_came_of_it(journal: Journal, tmp_path: Path) -> None:
    page = Read(report(journal, trained(journal, "Plain"), tmp_path / "a.html"))
    for words in (
        "Plain Early-stopped", "Run 1 · created 1970-01-01 00:00 UTC · preset own-folder", "Plain, early-stopped, epoch 6 of 9.",
        "Best epoch2of 6 epochs", "Validation loss0.2500at the best epoch", "Validation accuracy93.64 %at the best epoch",
        "Run time1 min 0 s60 steps", "Speed123images a second", "Parameters1 234 567",
        "Epoch 3: The learning rate went from 0.05 to 0.005: because", "Epoch 4: Paused 14 min", "Before the first step: Warned of",
        "Epoch 6: stopped early; the best epoch is 2. No new best.", "1 000 · 200 · 100", "64 × 48, 3 channels",
        "Left out<script src", "is no picture.", "Version of keras3.15.1", "Threads3", KEPT, LAST, "finger", "A note",
    ):  # fmt: skip
        assert words in page.text.replace("\u202f", " ").replace("\xa0", " "), words
    assert page.tags["svg"] == 1
    assert "Stopped early · epoch 6" in page.text


def test_what_was_left_out_is_told_in_its_sentences_and_not_counted(journal: Journal, tmp_path: Path) -> None:
    left_out = [f"{number}.png is no picture." for number in range(6)] + ["9,994 more files were left out."]
    page = Read(report(journal, trained(journal, left_out=left_out), tmp_path / "a.html"))
    assert f"Left out{''.join(left_out)}" in page.text
    assert "7 files" not in page.text

    left_out = [f"{number}.png is no picture." for number in range(100)]
    page = Read(report(journal, trained(journal, left_out=left_out), tmp_path / "a.html"))
    assert f"{''.join(left_out[:10])}And others." in page.text
    assert left_out[10] not in page.text


def test_a_fork_s_steps_are_its_own_as_its_run_time_is(journal: Journal, tmp_path: Path) -> None:
    page = Read(report(journal, trained(journal, epochs=46, grown_at=40), tmp_path / "a.html"))
    assert "Run time1 min 0 s60 steps" in page.text.replace("\xa0", " ")


def test_the_table_of_epochs_has_every_one_and_marks_the_best(journal: Journal, tmp_path: Path) -> None:
    text = report(journal, trained(journal, of_epochs={"val_iou/cat": 0.5}), tmp_path / "a.html")
    page = Read(text)
    head = next(row for row in page.rows if row[0] == "Epoch")
    assert head == [
        "Epoch", "Training loss", "Validation loss", "Training accuracy, %", "Validation accuracy, %", "Run time", "Images/s",
    ]  # fmt: skip
    rows = page.rows[page.rows.index(head) + 1 :][:6]
    assert [row[0] for row in rows] == ["1", "2", "3", "4", "5", "6"]
    assert rows[1] == ["2", "0.5000", "0.2500", "50.00", "93.64", "0:20", "123"]
    assert re.search(r'<tr class="marked"><td class="n">2</td>', text)


def test_of_a_long_run_the_table_has_some_epochs_and_says_so(journal: Journal, tmp_path: Path) -> None:
    page = Read(report(journal, trained(journal, epochs=250), tmp_path / "a.html"))
    numbers = [row[0] for row in page.rows if row[0].isdecimal() and len(row) == 7]
    assert numbers == ["1", "2", *(str(number) for number in range(3, 251, 3)), "250"]
    assert "One epoch in 3, with the first, the best and the last." in page.text


def test_of_a_long_fork_the_table_has_its_first_epoch_too(journal: Journal, tmp_path: Path) -> None:
    run = trained(journal, epochs=290, grown_at=40)
    journal.say(run, 1, [BestSoFar(50, "val_loss", 0.6)])
    page = Read(report(journal, run, tmp_path / "a.html"))
    numbers = [row[0] for row in page.rows if row[0].isdecimal() and len(row) == 7]
    assert numbers == ["41", *(str(number) for number in sorted({50, *range(43, 290, 3)})), "290"]
    assert "One epoch in 3, with the first, the best and the last." in page.text


def test_a_small_loss_is_no_zero(journal: Journal, tmp_path: Path) -> None:
    page = Read(report(journal, trained(journal, of_epochs={"val_loss": 4e-5}), tmp_path / "a.html"))
    assert "Validation loss4e-5at the best epoch" in page.text


def test_what_was_not_measured_is_told_apart_from_what_was_no_number(journal: Journal, tmp_path: Path) -> None:
    run = trained(journal)
    journal.say(
        run, 1,
        [
            EpochEnded(7, 70, 70.0, {"loss": math.nan, "accuracy": 0.5}, 123.0),
            EpochEnded(8, 80, 80.0, {"loss": 0.5, "val_f1": 0.5}, 123.0),
        ],
    )  # fmt: skip
    page = Read(report(journal, run, tmp_path / "a.html"))
    rows = {row[0]: row for row in page.rows if len(row) == 8}
    assert rows["6"][1:6] == ["0.1667", "0.6000", "50.00", "93.64", "–"]
    assert rows["7"][1:6] == ["NaN", "–", "50.00", "–", "–"]
    assert rows["8"][1:6] == ["0.5000", "–", "–", "–", "50.00"]


def test_validation_and_test_are_told_apart_and_that_test_was_judged_is_remembered(
    journal: Journal, tmp_path: Path
) -> None:
    run = trained(journal)
    judge(journal, run, "validation", weights="ef" * 32)
    judge(journal, run, "validation")
    judge(journal, run, "test")
    text = report(journal, run, tmp_path / "a.html")
    assert "The 100 test pictures were never judged" in text
    remember_test(journal, run, 2, 20)
    remember_test(journal, run, 2, 20)
    page = Read(report(journal, run, tmp_path / "a.html"))

    assert "36 pictures, judged with the weights of epoch 2." in page.text
    assert "36 pictures, never used in training, judged with the weights of epoch 2." in page.text
    assert "Those are not the weights that the run keeps." not in page.text
    assert "The test pictures were judged 2 times: weights of epoch 2 on " in page.text
    matrix = [row for row in page.rows if row[0] == "1\u2002cat" or (row[0].endswith("cat") and len(row) == 4)]
    assert [row[1:] for row in matrix] == [["11", "1", "·"]] * 2
    assert page.rows.count(["cat", "12", "91.7", "91.7", "91.7"]) == 2
    assert "Accuracy 91.67 %" in page.text.replace("\xa0", " ")


def test_weights_of_the_middle_of_an_epoch_are_called_as_the_results_tab_calls_them(
    journal: Journal, tmp_path: Path
) -> None:
    run = trained(journal)
    judge(journal, run, "test", step=24)
    remember_test(journal, run, 2, 24)
    remember_test(journal, run, 0, 4)
    page = Read(report(journal, run, tmp_path / "a.html"))
    assert "never used in training, judged with the weights of epoch 3, step 24." in page.text
    assert "judged 2 times: weights of epoch 3, step 24 on " in page.text
    assert "; weights of epoch 1, step 4 on " in page.text


def test_answers_of_other_weights_say_so_and_a_damaged_file_too(journal: Journal, tmp_path: Path) -> None:
    run = trained(journal)
    judge(journal, run, "validation", weights="ef" * 32)
    judge(journal, run, "test").write_bytes(b"damaged")
    (journal.workspace.run_folder(run) / FOLDER / "other.npz").write_bytes(b"")
    text = report(journal, run, tmp_path / "a.html")
    assert "Those are not the weights that the run keeps." in text
    assert "What was said of the test pictures cannot be read any more. Judge the run again." in text
    assert str(tmp_path) not in text


def test_of_many_classes_the_commonest_mistakes_are_listed(journal: Journal, tmp_path: Path) -> None:
    classes = tuple(f"class {number}" for number in range(250))
    run = trained(journal, classes=classes)
    judge(journal, run, "validation", classes=classes)
    page = Read(report(journal, run, tmp_path / "a.html"))
    assert "What is taken for what: the 20 commonest mistakes among 250 classes" in page.text
    assert ["class 0", "class 1", "1"] in page.rows
    assert "50 of the others are left out." in page.text


def test_of_masks_the_overlap_of_each_class_is_told(journal: Journal, tmp_path: Path) -> None:
    run = trained(journal, of_epochs={"val_iou/cat": 0.25, "val_iou/dog": 0.75, "mean_iou": 0.5, "val_mean_iou": 0.5})
    page = Read(report(journal, run, tmp_path / "a.html"))
    assert page.rows.index(["cat", "25.0"]) < page.rows.index(["dog", "75.0"])
    assert "mean IoU, %" in page.text.replace("mean IoU,%", "mean IoU, %")

    judge_masks(journal, run)
    page = Read(report(journal, run, tmp_path / "a.html"))
    assert ["cat", "85.7"] in page.rows
    assert ["dog", "–"] in page.rows
    assert "Mean IoU 67.86 %" in page.text.replace("\xa0", " ")
    assert "The pictures are not those that it was trained on." in page.text


def test_without_judged_files_what_was_watched_is_told(journal: Journal, tmp_path: Path) -> None:
    run = trained(journal)
    truth = np.array([0, 0, 1, 2], np.int32)
    samples = watched.Samples(
        np.arange(4), truth, 200, np.arange(1), np.zeros((1, 2, 2, 1), np.uint8), None, np.zeros((0, 0, 0), np.uint8)
    )
    answers = watched.Answers(np.array([0, 1, 1, 2], np.int32), np.ones(4, np.float32), np.ones(4, np.float32))
    for row in (samples.row(), answers.row(2), answers.row(6)):
        journal.write(
            "INSERT INTO watched (run, attempt, epoch, kind, body) VALUES (?, 1, ?, ?, ?)",
            run,
            row.epoch,
            str(row.kind),
            row.body,
        )
    page = Read(report(journal, run, tmp_path / "a.html"))
    assert "Validation, at the end of epoch 2" in page.text
    assert "4 of 200 pictures. Accuracy 75.00 %." in page.text.replace("\xa0", " ")
    assert ["cat", "2", "100.0", "50.0", "66.7"] in page.rows


def test_the_recipe_is_there_station_by_station_and_comes_back_whole(journal: Journal, tmp_path: Path) -> None:
    run = trained(journal)
    text = report(journal, run, tmp_path / "a.html")
    page = Read(text)
    plain_text = page.text.replace("\xa0", " ")
    for words in (
        "Epochs ●9 epochs (default 20 epochs)",
        "Method ●SGD (default Adam)",
        "Patience ●3 epochs (default 8 epochs)",
    ):
        assert words in plain_text
    assert "Batch size32 pictures" in plain_text
    assert "Off: Augmentation, " in plain_text
    assert carried.preset_in(tmp_path / "a.html").recipe == RECIPE
    assert page.tags["details"] == 1
    assert "open" not in {name for name, _ in page.attributes}


def test_the_same_run_gives_the_same_page(journal: Journal, tmp_path: Path) -> None:
    run = trained(journal)
    judge(journal, run, "validation")
    assert report(journal, run, tmp_path / "a.html") == report(journal, run, tmp_path / "b.html")


def test_a_run_that_has_done_nothing_yet_has_a_page_too(journal: Journal, tmp_path: Path) -> None:
    run = journal.create_run(Recipe(), "Waits")
    page = Read(report(journal, run.id, tmp_path / "a.html"))
    assert "Waits Queued" in page.text
    assert page.tags["svg"] == page.tags["table"] == 0
    assert page.open == []


def test_a_run_that_failed_says_why_and_what_is_safe(journal: Journal, tmp_path: Path) -> None:
    run = journal.create_run(Recipe(), "Failed")
    attempt = journal.begin_attempt(run.id)
    assert attempt
    card = ErrorCard(
        "Too large", f"It did {EVIL}", ("Asked for 2 GB.",), ("Halve the batch.",), "All is kept.", "trace"
    )
    journal.end(run.id, Ending.FAILED, "Too large.", Failed(card))
    page = Read(report(journal, run.id, tmp_path / "a.html"))
    for words in ("Too large", "Asked for 2 GB.", "All is kept.", "Halve the batch.", "End: Too large."):
        assert words in page.text
    assert "trace" not in page.text


def test_a_run_that_was_taken_up_again_lists_its_attempts(journal: Journal, tmp_path: Path) -> None:
    run = trained(journal)
    resumed(journal, journal.run(run))
    page = Read(report(journal, run, tmp_path / "a.html"))
    assert "Attempts" in page.text
    assert "from epoch 6, step 60" in page.text
    assert "Epoch 6: Resumed" in page.text


def resumed(journal: Journal, run: Run) -> None:
    journal.write("UPDATE runs SET state = 'queued', ending = NULL WHERE id = ?", run.id)
    assert journal.begin_attempt(run.id, 6, 60) == 2
    journal.end(run.id, Ending.STOPPED, "Stopped.")


def test_text_is_escaped_unless_it_is_said_to_be_markup() -> None:
    assert plain("<b>&\x01\ud800") == "&lt;b&gt;&amp;\ufffd\ufffd"
    assert tag("p", "<", Html("<br>"), title='"', class_="") == '<p title="&quot;">&lt;<br></p>'


def test_its_colours_are_the_windows() -> None:
    from workbench.gui import tokens

    light, dark = style.STYLE.split("@media screen", 1)
    for theme, words in ((tokens.LIGHT, light), (tokens.DARK, dark.split("* {", 1)[0])):
        for name, token in {
            "text": "text",
            "text2": "text2",
            "line": "line",
            "accent": "accent",
            "ok": "ok",
            "oktint": "ok_tint",
            "err": "err",
            "errtint": "err_tint",
            "violet": "violet",
            "violettint": "violet_tint",
            "muted": "muted_tint",
        }.items():
            assert f"--{name}: {theme[token]};" in words
