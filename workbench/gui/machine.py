"""What this machine offers, asked once in a thread of its own: the driver's tool may take a second to answer."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QThread, Signal

from workbench.gui import words
from workbench.paths import Workspace


@dataclass(frozen=True)
class Machine:
    """What the window says of the machine."""

    #: name and memory of the GPU; empty when there is none
    gpu: str
    #: whether the default backend can train on it
    usable: bool
    #: why the GPU is not used, in a sentence; empty when it is, or when there is none to speak of
    why_not: str
    #: the backends that are installed
    backends: frozenset[str]
    #: what logging out does to runs, in a sentence; empty when it does nothing
    logout: str = ""

    def reason_against(self, setting: str, value: str) -> str:
        """Why a device or backend cannot be chosen; empty when it can."""
        if setting == "backend":
            return "" if value in self.backends else "not installed"
        if value == "gpu" and not self.usable:
            return "none that can be used"
        return ""

    @property
    def sentence(self) -> str:
        """A line for the first launch."""
        if self.usable:
            return f"{self.gpu} found. Training will run on it."
        return self.why_not or "No GPU found. Training will run on the CPU."

    @property
    def explanation(self) -> str:
        """What a person who asks about devices is told."""
        names = ", ".join(sorted(self.backends)) or "none"
        return f"{self.sentence}\n\nInstalled backends: {names}. `workbench doctor` tells more."

    @property
    def status(self) -> str:
        """A word for the status bar."""
        if not self.gpu:
            return "No GPU"
        return self.gpu if self.usable else f"{self.gpu} (not used)"


class MachineThread(QThread):
    """Looks at the machine once."""

    #: What the machine offers (Machine).
    looked = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("machine")
        self._workspace = workspace

    def run(self) -> None:
        from workbench.launch import machine  # noqa: PLC0415 - not before the first paint

        found = machine.report(self._workspace)
        gpu = found.gpu
        name = "" if gpu is None else gpu.name.removeprefix("NVIDIA ").removeprefix("GeForce ")
        memory = "" if gpu is None or gpu.memory is None else f" {words.size(gpu.memory * 2**20)}"
        installed = frozenset(found.backends)
        logout = "" if found.logout.survives else found.logout.sentence
        self.looked.emit(Machine(name + memory, found.usable, found.why_not, installed, logout))
