"""Make the virtual environment, install the packages, look after the system libraries.

Runs with the system's Python and knows only the standard library. A stamp in the environment says for which
state of the project it was set up, so that the second call takes a tenth of a second.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # the neighbour below, wherever this is called from

import libraries

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NVIDIA = Path("/proc/driver/nvidia/version")


def say(sentence: str) -> None:
    print(sentence, flush=True)


def nvidia_driver() -> bool:
    """Whether an NVIDIA driver is at work here (WSL2 has no /proc entry, only the tool)."""
    if NVIDIA.exists():
        return True
    tool = shutil.which("nvidia-smi") or shutil.which("/usr/lib/wsl/lib/nvidia-smi")
    if tool is None:
        return False
    return subprocess.run([tool, "-L"], capture_output=True, check=False, timeout=60).returncode == 0


def extras(purpose: str) -> list[str]:
    chosen = ["test"] if purpose == "test" else []
    return [*chosen, "gpu"] if nvidia_driver() else chosen


def works(python: Path) -> bool:
    try:
        return subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make_environment() -> None:
    """An environment with pip in it; on Debian the parts for that may be in a package of their own."""
    if works(PYTHON):
        return
    say(f"Making .venv with Python {sys.version.split()[0]} …")
    if not _venv():
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        if not libraries.apt_install([package], "Python's venv module is not complete"):
            shutil.rmtree(VENV, ignore_errors=True)
            sys.exit("Without it there is no virtual environment. Then run make again.")
        if not _venv():
            sys.exit("Python could not make a virtual environment; see above.")


def _venv() -> bool:
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode:
        return False
    return works(PYTHON)


def state() -> str:
    """What the installed packages depend on; another state means installing again."""
    parts = [(ROOT / "pyproject.toml").read_bytes(), str(ROOT).encode(), sys.version.encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def stamp(extra: list[str]) -> Path:
    return VENV / f".set-up-{'-'.join(['run', *extra])}"


def install_packages(purpose: str) -> None:
    chosen = extras(purpose)
    covering = [stamp(chosen)] if "test" in chosen else [stamp(chosen), stamp(["test", *chosen])]
    if any(each.is_file() and each.read_text() == state() for each in covering):
        return
    what = f".[{','.join(chosen)}]" if chosen else "."
    say(f"Installing the packages ({what}); the first time this fetches about 1 GB …")
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--editable", what]
    if not sys.stdout.isatty():
        command.append("--quiet")
    if subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL).returncode:
        sys.exit("The packages could not be installed; pip says why above. Nothing else was changed; try again.")
    stamp(chosen).write_text(state())


def look_after_libraries(purpose: str) -> None:
    """Install or name what Qt needs from the system; stop only when nothing could work without it."""
    if not sys.platform.startswith("linux"):
        return
    lacking = libraries.lacking(_qt())
    if not lacking or libraries.apt_install(sorted(libraries.packages(lacking)), libraries.sentence(lacking)):
        return
    x_server = os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY")
    if purpose == "run" and x_server:
        sys.exit("The window cannot open without them. Then run make again.")
    if libraries.lacking(_qt(), window=False):
        sys.exit("Not even a hidden window can open without them. Then run make again.")


def _qt() -> Path:
    command = [PYTHON, "-c", "import PySide6; print(next(iter(PySide6.__path__)))"]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return Path(found.stdout.strip())


def main() -> None:
    purpose = sys.argv[1] if len(sys.argv) > 1 else "run"
    if purpose not in {"run", "test"}:
        sys.exit(f"setup: must be run or test, got {purpose}.")
    make_environment()
    install_packages(purpose)
    look_after_libraries(purpose)


if __name__ == "__main__":
    main()
