"""What becomes of runs at a logout, told from what the system says of itself."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from workbench.launch import logout
from workbench.launch.logout import at_logout, on_systemd

DESKTOP = "/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-terminal-4711.scope"
SESSION = "/user.slice/user-1000.slice/session-3.scope"


@pytest.mark.parametrize(
    ("cgroup", "lingers", "kills", "survives", "word"),
    [
        (DESKTOP, False, False, False, "enable-linger"),
        (DESKTOP, True, True, True, "lingering"),
        (SESSION, False, False, True, "go on"),
        (SESSION, True, True, False, "KillUserProcesses"),
        (SESSION, False, None, None, "may end"),
        ("/system.slice/docker.service", False, True, True, "go on"),
        ("", False, True, True, "go on"),
    ],
)
def test_the_sentence_follows_what_systemd_ends_with_a_session(
    cgroup: str, lingers: bool, kills: bool | None, survives: bool | None, word: str
) -> None:
    told = on_systemd(cgroup, lingers=lingers, kills=lambda: kills)
    assert told.survives is survives
    assert word in told.sentence


@pytest.mark.parametrize(("system", "survives"), [("win32", False), ("darwin", None)])
def test_where_a_logout_ends_runs_locking_the_screen_is_what_to_do(system: str, survives: bool | None) -> None:
    told = at_logout(system)
    assert told.survives is survives
    assert "Lock the screen" in told.sentence


@pytest.mark.parametrize(("answer", "survives"), [("b true", False), ("b false", True), ("", None)])
def test_the_machine_is_asked_for_its_own_files_and_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, survives: bool | None
) -> None:
    tool = tmp_path / "busctl"
    tool.write_text(f"#!/bin/sh\necho '{answer}'\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "cgroup").write_text(f"1:name=systemd:{SESSION}\n0::/\n")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    for name, path in (("SYSTEMD", tmp_path), ("LINGERING", tmp_path / "linger"), ("CGROUP", tmp_path / "cgroup")):
        monkeypatch.setattr(logout, name, path)
    assert at_logout("linux").survives is survives


def test_without_systemd_nothing_ends_a_run_at_a_logout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logout, "SYSTEMD", tmp_path / "none")
    assert at_logout("linux").survives


def test_a_user_who_lingers_is_known_by_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cgroup").write_text(f"0::{DESKTOP}\n")
    for name, path in (("SYSTEMD", tmp_path), ("LINGERING", tmp_path), ("CGROUP", tmp_path / "cgroup")):
        monkeypatch.setattr(logout, name, path)
    monkeypatch.setattr("getpass.getuser", lambda: "ada")
    assert at_logout("linux").survives is False
    (tmp_path / "ada").touch()
    assert at_logout("linux").survives is True
