"""Fills the Results tab: which run, which kept weights and which part; has them judged where they were not yet.

Work begins only while the tab is in view. What is read or judged is for one wish (run, checkpoint, part); when that has
changed, its answer is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from workbench.errors import RecipeError
from workbench.events import State
from workbench.gui import words
from workbench.gui.probes import Inquiry, Progress
from workbench.gui.results import words as told
from workbench.gui.results.inside import InsideDesk
from workbench.gui.results.reader import Kept, ResultsReader
from workbench.gui.results.through_desk import ThroughDesk
from workbench.gui.results.try_desk import TryDesk
from workbench.gui.session import Session
from workbench.gui.tabs.results_page import Notice
from workbench.journal import Run
from workbench.spec import Recipe
from workbench.spec.recipe import changed

if TYPE_CHECKING:
    from workbench.gui.window import Window
    from workbench.journal.judged import PartName
    from workbench.results.look import ClassLook, MaskLook

TAB = "results"
#: In place of a part of the data: the validation pictures at every epoch.
EPOCHS = "epochs"


@dataclass(frozen=True)
class Wish:
    """What is to be shown."""

    run: str
    kept: Kept
    part: str


class ResultsPresenter(QObject):
    """The Results tab's side of one window."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self._window, self._session, self._page = window, session, window.results
        self._reader = ResultsReader(self)
        self._judge = Inquiry(session.workspace, "results", self)
        self._inside = InsideDesk(window, session.workspace, self.ask)
        self._through = ThroughDesk(session, self._page, self._reader, self)
        self.trying = TryDesk(window, self.ask, self._reader)
        self._kept: tuple[Kept, ...] = ()
        #: of which state of which run the checkpoints were listed
        self._listed: tuple[str, int, State] | None = None
        self._part = "validation"
        self._wish: Wish | None = None
        self._file: Path | None = None
        #: whether what is wished is judged once no run is at work any more
        self._waiting = False
        #: whether results have to wait until one comes back to them from pictures that are tried
        self._postponed = False
        self._connect()

    def _connect(self) -> None:
        session, page = self._session, self._page
        session.focus_changed.connect(self.fill)
        session.rows_changed.connect(self.fill)
        self._window.tabs.turned.connect(self.fill)
        page.place_chosen.connect(self._choose_place)
        page.part_chosen.connect(self._choose_part)
        page.notice_pressed.connect(self.judge)
        page.again_asked.connect(self.judge)
        page.cancel_asked.connect(self._cancel)
        self.trying.left.connect(self._come_back)
        self._reader.listed.connect(self._take_list)
        self._reader.looked.connect(self._take_look)
        self._reader.failed.connect(self._take_bad_file)
        self._judge.progressed.connect(self._show_progress)
        self._judge.answered.connect(self._take_answer)
        self._judge.failed.connect(self._show_problem)

    def close(self) -> None:
        """End what is at work."""
        self._judge.close()
        self._inside.close()
        self.trying.close()
        self._reader.stop()

    # --- which run, which weights ----------------------------------------------------------------------------

    @property
    def _run(self) -> Run | None:
        return self._session.run(self._session.focus)

    def fill(self) -> None:
        """Look at the run in focus, if anybody looks at the tab."""
        run = self._run
        if self._window.tabs.name != TAB:
            return
        if run is None:
            self._forget()
            self._page.show_heading("Results", "")
            self._page.show_places([], "")
            self._page.show_notice(
                Notice("Nothing to judge yet", "Train a run, then see here what its weights say of pictures.")
            )
            return
        standing = run.id, run.epochs, run.state
        if standing == self._listed:
            if self._part == EPOCHS:
                self._through.show(run)
            if self._waiting and not self._session.unended:
                self.judge()
            return
        if self._listed is None or self._listed[0] != run.id:
            self._forget()
            # While a run is at work, judging its weights would slow it down; what its own validation said is there already.
            self._part = "validation" if run.state is State.ENDED else EPOCHS
            self._page.part.choose(self._part)
            self._page.show_heading(f"{run.name}: results", "")
        self._listed = standing
        self._reader.list_kept(self._checkpoints(run.id))

    def _checkpoints(self, run: str) -> Path:
        return self._session.workspace.run_folder(run) / "checkpoints"

    def _forget(self) -> None:
        """What was wished is no longer wanted."""
        self._judge.cancel()
        self._inside.drop()
        self._through.drop()
        self.trying.show_weights(None, None)
        self._wish, self._file, self._listed, self._kept = None, None, None, ()
        self._waiting = False

    def _take_list(self, folder: Path, kept: tuple[Kept, ...]) -> None:
        run = self._run
        if run is None or folder != self._checkpoints(run.id) or self._window.tabs.name != TAB:
            return
        self._kept = kept
        self._page.prepare(masks=_has_masks(run))
        if not kept:
            self._page.show_places([], "")
            alive = "As soon as an epoch has ended and its weights are kept, they can be judged here."
            sentence = alive if run.state is not State.ENDED else f"{run.name} has kept no weights."
            self._page.show_notice(Notice("No weights to judge", sentence))
            return
        labels = {each.place: told.kept_label(each) for each in kept}
        chosen = self._wish.kept if self._wish is not None else self._usual(run)
        if self._part == EPOCHS:
            # Pictures that are tried keep their weights while a run at work keeps newer ones.
            chosen = self.trying.weights_of(run) or chosen
            labels.setdefault(chosen.place, f"{told.kept_label(chosen)} · replaced")
            self._page.show_places(list(labels.items()), chosen.place, epochs=True)
            self._through.show(run)
            self.trying.show_weights(run, chosen)
            return
        # What is shown stays in view while a run at work keeps newer weights in its place.
        labels.setdefault(chosen.place, f"{told.kept_label(chosen)} · replaced")
        self._page.show_places(list(labels.items()), chosen.place)
        if self._wish is None:
            self._want(chosen)

    def _usual(self, run: Run) -> Kept:
        """The weights that the run keeps."""
        wants_best = _recipe_says(run, lambda recipe: recipe.keeps_best, unknown=True)
        best = next((each for each in self._kept if each.best), None)
        return best if wants_best and best is not None else self._kept[0]

    def _choose_place(self, place: object) -> None:
        found = next((each for each in self._kept if each.place == place), None)
        if found is not None and self._part == EPOCHS:
            self.trying.show_weights(self._run, found)
        elif found is not None:
            self._want(found)

    def _choose_part(self, part: str) -> None:
        run, before, self._part = self._run, self._part, part
        if run is None:
            return
        if EPOCHS in {part, before}:
            self._forget()
            self._listed = run.id, run.epochs, run.state
            self._reader.list_kept(self._checkpoints(run.id))
        elif self._wish is not None:
            self._want(self._wish.kept)

    # --- what is shown of them ----------------------------------------------------------------------------------

    def _want(self, kept: Kept) -> None:
        """Show what these weights say of the part: from a file if there is one, else offer to judge them."""
        from workbench.journal.judged import path_of  # noqa: PLC0415 - NumPy: not before the first paint

        run = self._run
        if run is None:
            return
        self._judge.cancel()
        self._inside.drop()
        self._waiting = False
        self._wish = Wish(run.id, kept, self._part)
        self.trying.show_weights(run, kept)
        part: PartName = "test" if self._part == "test" else "validation"
        folder = self._session.workspace.run_folder(run.id)
        self._file = path_of(folder, kept.epoch, kept.step, part, kept.weights_sha256)
        self._postponed = self._page.trying
        if self._postponed:
            return
        if self._file.exists():
            self._reader.look(self._file)
        elif part == "validation" and not self._session.unended:
            self.judge()
        else:
            self._offer(run, kept)

    def _come_back(self) -> None:
        """From pictures from outside to the results, where other weights may have been chosen meanwhile."""
        if self._postponed and self._wish is not None:
            self._want(self._wish.kept)

    def _offer(self, run: Run, kept: Kept) -> None:
        label = told.kept_words(kept)
        self._page.show_heading(told.title(run.name, self._part), "")
        if self._part == "test":
            looked = f" It was looked at {words.plural(run.tested, 'time', 'times')} before." if run.tested else ""
            notice = Notice(
                "Look at the test pictures?", f"{told.TEST_MEANS}{looked}", f"Judge {label} on the test pictures"
            )
        else:
            self._waiting = True
            notice = Notice(
                "Not judged yet",
                "A run is at work, and judging beside it takes some of its speed. This is done when it has ended, or now.",
                f"Judge {label} on the validation pictures",
            )
        self._page.show_notice(notice)

    def judge(self) -> None:
        """Have the engine judge what is wished, also where it has done so before."""
        run, wish = self._run, self._wish
        if run is None or wish is None:
            return
        self._waiting = False
        self._page.show_heading(told.title(run.name, wish.part), "")
        self._page.show_notice(Notice(f"Judging {told.kept_words(wish.kept)}", "Starting", busy=True))
        self._page.show_progress(None, "Starting")
        self.ask(self._judge)

    def ask(self, inquiry: Inquiry, kept: Kept | None = None, **more: Any) -> bool:
        """Have something asked of the weights and the part that are shown, or of others; False where nothing can be asked."""
        run, wish = self._run, self._wish
        kept = kept or (wish.kept if wish is not None else None)
        if run is None or kept is None:
            return False
        try:
            # Results are of the TensorFlow backend, whatever trained the run.
            recipe = changed(changed(run.recipe, "training.backend", "tensorflow"), "training.device", "auto")
        except RecipeError as error:
            self._show_problem(f"The recipe of {run.name} cannot be used: {error}")
            return False
        if wish is not None:
            more |= {"part": wish.part, "test_wanted": wish.part == "test"}
        inquiry.ask(recipe, run=run.id, place=kept.place, **more)
        return True

    def _cancel(self) -> None:
        self._judge.cancel()
        run, wish = self._run, self._wish
        if run is not None and wish is not None:
            self._offer(run, wish.kept) if wish.part == "test" else self._page.show_notice(
                Notice("Not judged", "The judging was cancelled; nothing was kept of it.", "Judge again")
            )

    def _show_progress(self, progress: Progress) -> None:
        self._page.show_progress(progress.share, progress.sentence)

    def _show_problem(self, sentence: str) -> None:
        self._page.show_notice(Notice("These weights could not be judged", sentence, "Try again"))

    def _take_answer(self, _recipe: Recipe, answer: dict[str, Any]) -> None:
        if self._file is not None and Path(answer["file"]) == self._file:
            self._session.look()  # that test pictures were looked at is news of the run
            self._reader.look(self._file)
        else:
            self._show_problem("The weights have changed while they were judged. Choose them again.")

    def _take_bad_file(self, file: Path, sentence: str) -> None:
        if file == self._file:
            self._show_problem(sentence)

    def _take_look(self, file: Path, found: ClassLook | MaskLook) -> None:
        from workbench.results.look import ClassLook  # noqa: PLC0415 - the thread that looked has it already

        run, wish = self._run, self._wish
        if file != self._file or run is None or wish is None or self._judge.running:
            return
        looks = max(run.tested, int(found.about.part == "test"))
        subtitle = told.subtitle(found.about, wish.kept, len(found.judged), looks)
        self._page.show_heading(told.title(run.name, found.about.part), subtitle)
        if isinstance(found, ClassLook):
            self._page.show_classes(found, told.class_tiles(found))
        else:
            self._page.show_masks(found, told.mask_tiles(found))


def _has_masks(run: Run) -> bool:
    return _recipe_says(run, lambda recipe: recipe.data.TASK == "masks", unknown=False)


def _recipe_says(run: Run, asked: Callable[[Recipe], bool], *, unknown: bool) -> bool:
    """What a run's recipe says; `unknown` where it cannot be read any more."""
    try:
        return asked(run.recipe)
    except RecipeError:
        return unknown
