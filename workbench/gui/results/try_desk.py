"""Has pictures tried that a person drops, pastes or chooses, by the weights that the Results tab shows; and saves what is said.

Other weights chosen while pictures are in view have these tried again. The engine reads the pictures; nothing of a run is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from workbench.gui import announce, words
from workbench.gui.answer_folders import AnswerFolders
from workbench.gui.probes import Inquiry, Progress
from workbench.gui.results import pixmaps
from workbench.gui.results import words as told
from workbench.gui.results.reader import Kept, ResultsReader
from workbench.gui.results.taking import Taker

if TYPE_CHECKING:
    from workbench.gui.results.saving import Saver
    from workbench.gui.results.try_view import TryView
    from workbench.gui.window import Window
    from workbench.journal import Run
    from workbench.results.look import ClassLook, MaskLook
    from workbench.spec import Recipe

NO_WEIGHTS = "No weights to try pictures with"
#: Has an inquiry ask about weights of the run that is shown; False where nothing can be asked.
Ask = Callable[..., bool]


class TryDesk(QObject):
    """The side of one window on which pictures are tried."""

    #: One has come back to the results.
    left = Signal()

    def __init__(self, window: Window, ask: Ask, reader: ResultsReader) -> None:
        super().__init__(window)
        self._window, self._page, self._ask, self._reader = window, window.results, ask, reader
        self._inquiry = Inquiry(window.workspace, "try", self)
        self._folders = AnswerFolders("tries")
        self._taker = Taker(self._page, lambda: self._weights is not None)
        self._view: TryView | None = None
        self._saver: Saver | None = None
        self._weights: tuple[Run, Kept] | None = None
        self._paths: tuple[str, ...] = ()
        #: answers about validation pictures, to show one of a class
        self._examples: ClassLook | None = None
        #: whether pictures are to be tried as soon as there are weights, and which, if that is known
        self._wanted = False
        self._awaited: tuple[str, ...] = ()
        self._connect()

    def _connect(self) -> None:
        self._page.try_pressed.connect(self.open_or_leave)
        self._taker.taken.connect(self.try_paths)
        self._taker.nothing_pasted.connect(self._tell_nothing)
        self._reader.looked.connect(self._take_look)
        self._inquiry.progressed.connect(self._show_progress)
        self._inquiry.partly_found.connect(self._take_part)
        self._inquiry.answered.connect(self._take_answer)
        self._inquiry.failed.connect(self._fail)

    def close(self) -> None:
        """End what is at work, and take away its files."""
        self._inquiry.close()
        if self._saver is not None:
            self._saver.wait()
        self._folders.close()
        self._taker.close()

    # --- which weights ------------------------------------------------------------------------------------------

    def show_weights(self, run: Run | None, kept: Kept | None) -> None:
        """These weights are shown now; none where there are none, or not yet."""
        before, self._weights = self._weights, (run, kept) if run is not None and kept is not None else None
        self._page.show_can_try(can=self._weights is not None)
        if self._weights is None:
            self._inquiry.cancel()
            if self._page.trying and self._view is not None:
                self._view.show_invitation(NO_WEIGHTS, "The run in view has kept none. Choose another run.")
            return
        now, wanted, self._wanted = self._weights, self._wanted, False
        awaited, self._awaited = self._awaited, ()
        if awaited and wanted:
            self.try_paths(awaited)
            return
        if before is not None and (before[0].id, before[1]) == (now[0].id, now[1]):
            return
        if self._page.trying and self._paths:
            self.try_paths(self._paths)
        elif self._page.trying or wanted:
            self._open().show_invitation()

    def weights_of(self, run: Run) -> Kept | None:
        """The weights of this run by which pictures are tried; None where none are."""
        same = self._page.trying and self._weights is not None and self._weights[0].id == run.id
        return self._weights[1] if same and self._weights is not None else None

    # --- what is tried -----------------------------------------------------------------------------------------

    def open(self) -> None:
        """Turn to the pictures that are tried, from wherever one looks; as soon as there are weights."""
        self._window.tabs.show_tab("results")
        self._wanted = self._weights is None
        if self._weights is not None:
            self._open()

    def open_with(self, paths: list[str]) -> None:
        """Turn to these pictures from wherever one looks, and have them tried; as soon as there are weights."""
        self._awaited = tuple(paths) if self._weights is None else ()
        self.open()
        if self._weights is not None:
            self.try_paths(paths)

    def open_or_leave(self) -> None:
        """Turn to the pictures that are tried, or back to the results."""
        if self._page.trying:
            self._inquiry.cancel()
            self._leave()
            self.left.emit()
        else:
            self.open()

    def _open(self) -> TryView:
        assert self._weights is not None
        run, kept = self._weights
        if self._view is None:
            from workbench.gui.results.try_view import TryView  # noqa: PLC0415 - made when it is first wanted

            self._view = view = TryView(self._window.theme)
            view.files_asked.connect(self._choose_files)
            view.folder_asked.connect(self._choose_folder)
            view.paste_asked.connect(self._taker.paste)
            view.save_asked.connect(self._save)
            view.cancel_asked.connect(self._cancel)
            view.example_asked.connect(self._show_example)
        if not self._page.trying:
            self._page.show_trying(self._view)
            self._view.setFocus()
        self._look_for_examples(run, kept)
        self._page.show_try_heading("Try a picture", f"{run.name}, weights of {told.kept_words(kept)}")
        return self._view

    def _leave(self) -> None:
        self._page.show_trying(None)
        self._page.show_can_try(can=self._weights is not None)
        self._paths = self._awaited = ()
        if self._view is not None:
            self._view.show_invitation()
        self._folders.tidy()

    def try_paths(self, paths: tuple[str, ...] | list[str]) -> None:
        """Have these files and folders tried."""
        from workbench.gui.results.trial import Trial  # noqa: PLC0415 - made when it is first wanted

        if self._weights is None:
            return
        view, self._paths = self._open(), tuple(paths)
        try:
            folder = self._folders.new()
        except OSError as error:
            view.show_invitation("These pictures could not be tried", f"There is no room for answers: {error}.")
            return
        first = Path(paths[0]).name
        view.begin(Trial(folder), first if len(paths) == 1 else f"{first} and {words.count(len(paths) - 1)} more")
        if not self._ask(self._inquiry, self._weights[1], pictures=list(paths), to=str(folder)):
            view.end("The recipe of this run cannot be used.", failed=True)

    def _choose_files(self) -> None:
        from workbench.data.folder import ENDINGS  # noqa: PLC0415 - NumPy: not before the first paint

        kinds = f"Pictures ({' '.join(sorted(f'*{each}' for each in ENDINGS))});;All files (*)"
        chosen, _ = QFileDialog.getOpenFileNames(self._window, "Pictures to try", "", kinds)
        if chosen:
            self.try_paths(chosen)

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self._window, "A folder of pictures to try")
        if chosen:
            self.try_paths([chosen])

    def _tell_nothing(self) -> None:
        self._window.status.say(
            "There is no picture to paste. Copy a picture, or files with pictures.", "info", "text2"
        )

    def _cancel(self) -> None:
        self._inquiry.cancel()
        view = self._view
        if view is not None and view.trial is not None:
            done, of = len(view.trial.pictures), view.trial.count
            view.end(f"Cancelled after {words.count(done)} of {words.plural(of, 'picture', 'pictures')}")

    # --- what comes ----------------------------------------------------------------------------------------------

    def _show_progress(self, progress: Progress) -> None:
        if self._view is not None:
            self._view.show_progress(progress.share, progress.sentence)

    def _take_part(self, part: dict[str, Any]) -> None:
        view = self._view
        if view is None or view.trial is None:
            return
        try:
            view.trial.take(part)
        except (OSError, ValueError, KeyError, IndexError) as error:
            self._inquiry.cancel()
            self._fail(f"What the engine said cannot be read: {error}.")
            return
        view.show_more()

    def _take_answer(self, _recipe: Recipe, answer: dict[str, Any]) -> None:
        if self._view is not None:
            left_out = int(answer["left_out"])
            more = f", {words.count(left_out)} left out" if left_out else ""
            sentence = f"{words.plural(int(answer['pictures']), 'picture', 'pictures')}{more}"
            self._view.end(sentence if answer["pictures"] else _why(self._view))
            announce.say(self._window, sentence)

    def _fail(self, sentence: str) -> None:
        if self._view is not None:
            self._view.end(sentence, failed=True)
        announce.say(self._window, sentence)

    # --- a picture of each class -----------------------------------------------------------------------------------

    def _look_for_examples(self, run: Run, kept: Kept) -> None:
        """Answers about validation pictures that lie on the disk, by these weights or by others: the pictures are the same."""
        from workbench.journal.judged import FOLDER, path_of  # noqa: PLC0415 - NumPy: not before the first paint

        if self._examples is not None and self._examples.about.run == run.id:
            return
        folder = self._window.workspace.run_folder(run.id)
        own = path_of(folder, kept.epoch, kept.step, "validation", kept.weights_sha256)
        others = sorted((folder / FOLDER).glob("*-validation-*.npz"))
        if own.exists() or others:
            self._reader.look(own if own.exists() else others[-1])

    def _take_look(self, _file: Path, found: ClassLook | MaskLook) -> None:
        from workbench.results.look import ClassLook  # noqa: PLC0415 - the thread that looked has it already

        of_this = self._weights is not None and found.about.run == self._weights[0].id
        if of_this and isinstance(found, ClassLook) and found.about.part == "validation":
            self._examples = found
            view = self._view
            if view is not None and view.chosen is not None and view.shares.chosen is not None:
                self._show_example(view.shares.chosen)

    def _show_example(self, number: int) -> None:
        view = self._view
        if view is None or view.trial is None:
            return
        name, found = view.trial.classes[number], self._examples
        title = f"Class {name}"
        if found is None or found.about.classes != view.trial.classes:
            view.show_example(None, title, "An example is shown here once the validation pictures have been judged.")
            return
        place = _example_of(found, number)
        if place is None:
            view.show_example(None, title, "The validation part has no picture of this class.")
            return
        row = int(found.judged.rows[place])
        stem = told.file_stem(str(found.judged.names[place]), row)
        view.show_example(pixmaps.image(found.judged.pictures[place]), title, f"One of its validation pictures: {stem}")

    # --- saving --------------------------------------------------------------------------------------------------

    def _save(self) -> None:
        view = self._view
        if view is None or view.trial is None or self._saver is not None:
            return
        if view.trial.masks:
            title = "A folder for the masks, a PNG a picture, and classes.csv"
            to = QFileDialog.getExistingDirectory(self._window, title)
        else:
            to, _ = QFileDialog.getSaveFileName(self._window, "Save predictions", "predictions.csv", "Tables (*.csv)")
        if not to:
            return
        from workbench.gui.results.saving import Saver  # noqa: PLC0415 - made when it is wanted

        self._saver = saver = Saver(view.trial, Path(to), self)
        self._folders.hold(saver.folder)
        saver.saved.connect(self._tell_saved)
        saver.failed.connect(self._tell_not_saved)
        saver.finished.connect(self._forget_saver)
        saver.start()

    def _tell_saved(self, sentence: str) -> None:
        self._window.status.say(sentence, "save", "text2")

    def _tell_not_saved(self, sentence: str) -> None:
        self._window.status.say(sentence, "error", "err")

    def _forget_saver(self) -> None:
        if self._saver is not None:
            self._saver.wait()
            self._folders.let_go(self._saver.folder)
            self._saver.deleteLater()
            self._saver = None


def _example_of(found: ClassLook, number: int) -> int | None:
    """A picture of a class: the one that was recognised most surely, else any."""
    from workbench.results.confusion import in_cell  # noqa: PLC0415 - NumPy: not before the first paint

    for said in (number, *range(len(found.about.classes))):
        places = in_cell(found.answers, number, said)
        if len(places):
            return int(places[0])
    return None


def _why(view: TryView) -> str:
    """Why there is nothing to show."""
    assert view.trial is not None
    return " ".join(f"{name}: {why}." for name, why in view.trial.left_out[:3])
