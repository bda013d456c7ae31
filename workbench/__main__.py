"""Opens the window or runs a command: `workbench …` and `python -m workbench …`.

Without a command neither typer nor rich is loaded: the window should be there in under a second.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of the window or of a command."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    safe, given = split_safe_mode(given)
    if safe:
        os.environ["WORKBENCH_SAFE_MODE"] = "1"  # journal.place reads it, here and in every process started from here
    homes, rest = split_home(given)
    if rest or len(homes) == 1:
        from workbench.cli.app import main as run_command  # noqa: PLC0415 - typer and rich, not for the window

        return run_command([*homes, *rest])
    home = Path(homes[1]) if homes else None
    missing = missing_display(os.environ, sys.platform)
    if missing:
        from workbench.cli.terminal import train_default  # noqa: PLC0415 - as above

        return train_default(home, missing)
    from workbench.gui import app  # noqa: PLC0415 - Qt, for the window only

    return app.main(home)


def split_home(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """`--home DIR`, wherever it stands, apart from the rest; so that it may follow the command as well."""
    homes: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "--home":
            homes = [word, *(value for value in [next(words, None)] if value is not None)]
        elif word.startswith("--home="):
            homes = ["--home", word.removeprefix("--home=")]
        else:
            rest.append(word)
    return homes, rest


def split_safe_mode(arguments: Sequence[str]) -> tuple[bool, list[str]]:
    """Whether `--safe-mode` stands anywhere, and the rest: it belongs to the window and to every command."""
    own = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    rest = [word for word in own if word != "--safe-mode"]
    return len(rest) < len(own), [*rest, *arguments[len(own) :]]


def missing_display(variables: Mapping[str, str], system: str) -> str:
    """Why no window can be opened, as a sentence; empty when one can. Qt would abort the process instead."""
    if system in {"win32", "darwin"} or variables.get("QT_QPA_PLATFORM"):
        return ""
    if variables.get("DISPLAY") or variables.get("WAYLAND_DISPLAY"):
        return ""
    return (
        "There is no display to open the window on (neither DISPLAY nor WAYLAND_DISPLAY is set), "
        "so the default preset is trained here in the terminal."
    )


if __name__ == "__main__":
    sys.exit(main())
