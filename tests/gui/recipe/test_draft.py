from pathlib import Path

import pytest

from workbench.errors import WorkspaceError
from workbench.gui.recipe import draft
from workbench.gui.recipe.draft import Draft
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe, edited


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path).create()


def test_a_draft_comes_back_as_it_was_kept(workspace: Workspace) -> None:
    kept = Draft(
        "mine", edited(Recipe().model_dump(), "training.epochs", -4), {"model.stages": "x"}, ("data", "tricks")
    )
    draft.write(kept, workspace)
    assert draft.read(workspace) == kept


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"format": 99}', b'{"format": 1}', b"\xff\xfe", b"[" * 100_000]
)
def test_a_damaged_draft_is_left_aside(workspace: Workspace, content: bytes) -> None:
    draft.draft_path(workspace).write_bytes(content)
    assert draft.read(workspace) is None


def test_no_draft_is_no_error(workspace: Workspace) -> None:
    assert draft.read(workspace) is None


def test_a_workspace_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="folder is needed"):
        draft.write(Draft("", Recipe().model_dump()), Workspace(tmp_path / "file"))
