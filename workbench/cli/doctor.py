"""`workbench doctor`: what this machine offers, and whether the workspace is well."""

from __future__ import annotations

import dataclasses
from typing import Any

import psutil
import typer

import workbench
from workbench.cli import output
from workbench.cli.presets import AsJson
from workbench.errors import WorkspaceError
from workbench.journal import Journal, place
from workbench.launch.machine import MachineReport, report
from workbench.paths import Workspace

LITTLE_DISK = 1024**3
GIGA = 1024**3


def doctor(context: typer.Context, as_json: AsJson = False) -> None:  # noqa: FBT002 - an option of typer
    """Say what this machine offers."""
    workspace: Workspace = context.obj
    machine = report(workspace)
    problems = workspace_problems(workspace)
    if as_json:
        output.give_json(_tree(machine, workspace, problems))
        return
    people = output.people()
    for line in _lines(machine, workspace, problems):
        people.print(line)


def workspace_problems(workspace: Workspace) -> list[str]:
    """What is wrong with the workspace, as sentences."""
    found = []
    try:
        with Journal(workspace) as journal:
            damage = journal.damage()
            if damage:
                found.append(
                    f"{workspace.database} is damaged: {damage}. Move it away; runs/ keeps recipes and weights."
                )
    except WorkspaceError as error:
        return [str(error)]
    found += place.remarks(workspace)
    free = psutil.disk_usage(str(workspace.home)).free
    if free < LITTLE_DISK:
        found.append(f"Only {free / GIGA:.1f} GB are free where {workspace.home} lies. Free some space there.")
    return found


def _tree(machine: MachineReport, workspace: Workspace, problems: list[str]) -> dict[str, Any]:
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
        "workspace": {"path": str(workspace.home), "problems": problems},
    }


def _lines(machine: MachineReport, workspace: Workspace, problems: list[str]) -> list[str]:
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
    lines.append(f"Workspace: {workspace.home}")
    return [*lines, *(problems or ["The workspace is well."])]
