"""The weights that the journal names: whether they are on disk as they were written, and what is left when not."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from workbench.events import State
from workbench.journal import Journal, Run, kept
from workbench.journal.alive import held
from workbench.journal.kept import Manifest
from workbench.launch.care.finding import Finding, Kind
from workbench.launch.notice import alive_path
from workbench.paths import write_atomic

BEST = "best.json"


def look(journal: Journal) -> list[Finding]:
    """The ended runs that have lost their weights, or the pointer to their best. Reads the weights that are kept."""
    found = []
    for run in journal.runs():
        if run.state is not State.ENDED or held(alive_path(journal, run.id)):
            continue
        folder = kept.checkpoints(journal, run.id)
        if _pointer_is_lost(folder):
            found.append(_lost_best(folder, run))
        if run.weights_sha256 and not any(kept.has_weights(folder, each) for each in _named(folder, run)):
            found.append(_lost_weights(folder, run))
    return found


def _named(folder: Path, run: Run) -> list[Manifest]:
    """The manifests of the weights that a run keeps; an older version wrote last.json."""
    single = [kept.pointed(folder), kept.read_manifest(folder / "last.json")]
    found = [*(each for each in single if each), *kept.manifests(folder)]
    return [each for each in found if each.get("weights_sha256") == run.weights_sha256]


def _lost_weights(folder: Path, run: Run) -> Finding:
    places = [kept.weights_file(folder, each) for each in _named(folder, run)]
    damaged = [path for path in places if path and path.is_file()]
    how = f"are damaged ({damaged[0].relative_to(folder.parent)})" if damaged else "are missing"
    whole = next((each for each in kept.manifests(folder) if kept.can_resume(folder, each)), None)
    left = (
        f"Its checkpoint of epoch {whole['epoch']}, step {whole.get('step', 0)} is whole: a resume goes on from there."
        if whole
        else "No checkpoint of it is whole: a resume begins at its start, by the same recipe."
    )
    return Finding(
        Kind.LOST_WEIGHTS, f"The weights that {run.name} kept {how}.", f"They cannot be made again from nothing. {left}",
        run=run.id,
    )  # fmt: skip


def _pointer_is_lost(folder: Path) -> bool:
    """Whether best.json is there and leads nowhere."""
    if not (folder / BEST).is_file():
        return False
    manifest = kept.pointed(folder)
    path = kept.weights_file(folder, manifest) if manifest else None
    return path is None or not path.is_file()


def _lost_best(folder: Path, run: Run) -> Finding:
    best = _newest_best(folder)
    return Finding(
        Kind.LOST_BEST,
        f"The best epoch of {run.name} is said to lie where nothing is ({folder / BEST}).",
        f"It is made to name the best of its newest whole checkpoint, epoch {best['epoch']}."
        if best
        else "It is removed; the last weights count then, if there are any.",
        partial(_point, folder),
        run.id,
    )


def _newest_best(folder: Path) -> Manifest | None:
    """What the newest whole checkpoint names as the best, if that is whole as well."""
    whole = next((each for each in kept.manifests(folder) if kept.can_resume(folder, each)), None)
    name = str(whole.get("best") or "") if whole else ""
    best = kept.read_manifest(folder / name / "manifest.json") if name and Path(name).name == name else None
    return best if best and kept.has_weights(folder, best) else None


def _point(folder: Path) -> str:
    if not _pointer_is_lost(folder):
        return "It names the best epoch again already."
    best = _newest_best(folder)
    if best is None:
        (folder / BEST).unlink(missing_ok=True)
        return f"{folder / BEST} was removed."
    write_atomic(folder / BEST, (folder / str(best["file"])).with_name("manifest.json").read_bytes())
    return f"The best is epoch {best['epoch']} now."
