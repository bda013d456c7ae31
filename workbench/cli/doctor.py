"""`workbench doctor`: what this machine offers, and whether the workspace is well; with --mend it is made well."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any

import psutil
import typer

import workbench
from workbench.cli import output
from workbench.cli.presets import AsJson
from workbench.cli.train import BAD_PRESET
from workbench.errors import WorkspaceError
from workbench.journal import place
from workbench.launch.care.finding import Finding, Kind, Mended
from workbench.launch.care.look import look_over, mend_all
from workbench.launch.machine import MachineReport, report
from workbench.launch.start import reap
from workbench.paths import Workspace

LITTLE_DISK = 1024**3
GIGA = 1024**3


@dataclass(frozen=True)
class Health:
    """How the workspace is."""

    #: why it cannot be used at all, as a sentence; empty when it can
    unusable: str = ""
    #: what to know of its disk, as sentences
    remarks: tuple[str, ...] = ()
    mended: tuple[Mended, ...] = ()
    #: what was found and not tried to mend
    findings: tuple[Finding, ...] = ()

    @property
    def left(self) -> list[Finding]:
        """What is wrong still."""
        return [*(each.finding for each in self.mended if each.failed), *self.findings]

    @property
    def problems(self) -> list[str]:
        """What is wrong still, and what to know, as sentences."""
        first = [self.unusable] if self.unusable else []
        return [*first, *self.remarks, *(each.sentence for each in self.left)]

    @property
    def usable(self) -> bool:
        return not self.unusable and all(each.kind is not Kind.DAMAGED_DATABASE for each in self.left)


def doctor(
    context: typer.Context,
    mend: Annotated[bool, typer.Option("--mend", help="Mend what can be mended, and say what was done.")] = False,  # noqa: FBT002 - an option of typer
    as_json: AsJson = False,  # noqa: FBT002 - an option of typer
) -> None:
    """Say what this machine offers, and look the workspace over."""
    workspace: Workspace = context.obj
    machine = report(workspace)
    health = examine(workspace, mend=mend)
    if as_json:
        output.give_json(_tree(machine, workspace, health))
    else:
        people = output.people()
        for line in [*_machine_lines(machine), f"Workspace: {workspace.home}", *_health_lines(health)]:
            people.print(line)
    reap()
    if not health.usable:
        raise typer.Exit(BAD_PRESET)


def examine(workspace: Workspace, *, mend: bool = False) -> Health:
    """Look a workspace over, and mend what can be mended if that is wanted."""
    try:
        mended, findings = mend_all(workspace) if mend else ([], look_over(workspace))
    except WorkspaceError as error:
        return Health(unusable=str(error))
    remarks = place.remarks(workspace)
    free = psutil.disk_usage(str(workspace.home)).free
    if free < LITTLE_DISK:
        remarks.append(f"Only {free / GIGA:.1f} GB are free where {workspace.home} lies. Free some space there.")
    return Health("", tuple(remarks), tuple(mended), tuple(findings))


def _tree(machine: MachineReport, workspace: Workspace, health: Health) -> dict[str, Any]:
    return {
        "workbench": workbench.__version__,
        "python": machine.python,
        "system": machine.system,
        "versions": machine.versions,
        "backends": machine.backends,
        "gpus": [dataclasses.asdict(gpu) for gpu in machine.gpus],
        "gpu_usable": machine.usable,
        "why_not": machine.why_not,
        "cores": machine.cores,
        "memory": machine.memory,
        "memory_free": machine.memory_free,
        "disk_free": machine.disk_free,
        "logout": dataclasses.asdict(machine.logout),
        "workspace": {
            "path": str(workspace.home),
            "problems": health.problems,
            "findings": [
                *(_finding(each.finding, each.done, each.failed) for each in health.mended),
                *(_finding(each) for each in health.findings),
            ],
        },
    }


def _finding(finding: Finding, done: str = "", failed: str = "") -> dict[str, Any]:
    return {
        "kind": finding.kind.value,
        "run": finding.run,
        "sentence": finding.sentence,
        "remedy": finding.remedy,
        "mendable": finding.mend is not None,
        "done": done,
        "failed": failed,
    }


def _health_lines(health: Health) -> list[str]:
    lines = [health.unusable] if health.unusable else []
    lines += health.remarks
    for each in health.mended:
        lines += (
            [f"✗ {each.finding.sentence}", f"  Not mended: {each.failed}"]
            if each.failed
            else [f"✓ {each.finding.sentence}", f"  {each.done}"]
        )
    for finding in health.findings:
        lines += [f"✗ {finding.sentence}", f"  {finding.remedy}"]
    if any(finding.mend for finding in health.findings):
        lines.append("`workbench doctor --mend` does what is said here.")
    if health.problems:
        return lines
    return [*lines, "The workspace is well."]


def _machine_lines(machine: MachineReport) -> list[str]:
    installed = ", ".join(f"{name} {version}" for name, version in machine.backends.items())
    lines = [
        f"Keras Workbench {workbench.__version__} · Python {machine.python} · {machine.system}",
        f"Backends: {installed or 'none is installed; pip install tensorflow'}",
        f"Versions: {', '.join(f'{name} {version}' for name, version in machine.versions.items())}",
    ]
    for gpu in machine.gpus:
        size = f", {gpu.memory / 1024:.0f} GB" if gpu.memory else ""
        lines.append(f"GPU: {gpu.name}{size}, driver {gpu.driver}")
    if machine.why_not:
        lines.append(machine.why_not)
    elif machine.usable:
        lines.append(f"{machine.backend} can use the GPU.")
    else:
        lines.append("GPU: none found; training runs on the CPU.")
    memory = f"{machine.memory / GIGA:.1f} GB, {machine.memory_free / GIGA:.1f} GB free"
    disk = f"{machine.disk_free / GIGA:.1f} GB free"
    lines.append(f"CPU: {output.count(machine.cores, 'core')} · memory {memory} · disk {disk}")
    lines.append(machine.logout.sentence)
    return lines
