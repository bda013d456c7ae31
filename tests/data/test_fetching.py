from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import requests

from workbench.data.fetching import CIFAR10, CIFAR100, FASHION_MNIST, MNIST, Remote, fetch
from workbench.errors import DownloadError
from workbench.events import Phase
from workbench.paths import Workspace

CONTENT = bytes(range(256)) * 4000
FILE = Remote("set.bin", "https://example.org/set.bin", hashlib.sha256(CONTENT).hexdigest(), folder="sets")


class Answer:
    """What the HTTP client hands to pooch."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.headers = {"content-length": str(len(content))}

    def raise_for_status(self) -> None:
        pass

    def iter_content(self, chunk_size: int) -> list[bytes]:
        return [self.content[first : first + chunk_size] for first in range(0, len(self.content), chunk_size)]


def nothing(*_report: object) -> None:
    pass


def test_a_file_is_fetched_once_with_progress_and_its_check_sum(
    workspace: Workspace, keras_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(requests, "get", lambda url, **_options: asked.append(url) or Answer(CONTENT))
    reports: list[tuple[Phase, int, int | None, str]] = []
    path = fetch(FILE, workspace, lambda *report: reports.append(report))
    assert path == keras_folder / "sets" / "set.bin"
    assert path.read_bytes() == CONTENT
    assert fetch(FILE, workspace, nothing) == path
    assert asked == [FILE.url]
    assert {report[0] for report in reports} == {Phase.DOWNLOADING}
    assert reports[-1] == (Phase.DOWNLOADING, len(CONTENT), len(CONTENT), "set.bin")
    assert [report[1] for report in reports] == sorted(report[1] for report in reports)


def test_a_file_that_is_not_the_expected_one_is_not_kept(
    workspace: Workspace, keras_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "get", lambda *_arguments, **_options: Answer(b"another file"))
    with pytest.raises(DownloadError, match="SHA-256 differs"):
        fetch(FILE, workspace, nothing)
    assert [path for path in keras_folder.rglob("*") if path.is_file()] == []


def test_a_download_that_is_broken_off_leaves_nothing_behind(
    workspace: Workspace, keras_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class StoppedError(Exception):
        pass

    def stop(_phase: Phase, done: int, *_rest: object) -> None:
        if done:
            raise StoppedError

    monkeypatch.setattr(requests, "get", lambda *_arguments, **_options: Answer(CONTENT))
    with pytest.raises(StoppedError):
        fetch(FILE, workspace, stop)
    assert [path for path in keras_folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("remote", [MNIST, *FASHION_MNIST, CIFAR10, CIFAR100], ids=lambda remote: remote.name)
def test_without_a_network_the_message_names_the_file_and_the_folder(
    workspace: Workspace, keras_folder: Path, remote: Remote
) -> None:
    with pytest.raises(DownloadError) as caught:
        fetch(remote, workspace, nothing)
    text = str(caught.value)
    assert "no network" in text
    assert f"put the file {remote.name} into the folder {keras_folder / remote.folder}" in text
    assert remote.url in text


def test_a_home_that_cannot_be_written_to_sends_the_file_into_the_workspace(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "get", lambda *_arguments, **_options: Answer(CONTENT))
    monkeypatch.setattr("os.access", lambda *_arguments: False)
    path = fetch(FILE, workspace, nothing)
    assert path.is_relative_to(workspace.cache)
    assert fetch(FILE, workspace, nothing) == path


def test_the_check_sums_are_those_of_keras() -> None:
    keras = Path(pytest.importorskip("importlib.util").find_spec("keras").origin).parent / "src" / "datasets"
    for remote, name in ((MNIST, "mnist"), (CIFAR10, "cifar10"), (CIFAR100, "cifar100")):
        assert remote.sha256 in (keras / f"{name}.py").read_text(encoding="utf-8")
