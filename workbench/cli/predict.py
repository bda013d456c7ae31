"""`predict`: what a run's network says of pictures that it has not seen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli import output
from workbench.cli.presets import AsJson
from workbench.cli.runs import RunKey
from workbench.journal import Journal
from workbench.launch.start import ask

Pictures = Annotated[list[Path], typer.Argument(metavar="PICTURE…", help="Pictures, or folders of pictures.")]
To = Annotated[Path, typer.Option("--to", help="The folder that the answers are written to.")]


def predict_command(
    context: typer.Context, run: RunKey, pictures: Pictures, to: To = Path("predictions"), as_json: AsJson = False  # noqa: FBT002 - an option of typer
) -> None:  # fmt: skip
    """Write what a run's network says: masks at full size as PNG, or the class of each picture as CSV."""
    with Journal(context.obj) as journal:
        found = journal.run(run)
    # The engine may stand in another folder than the person who asks.
    given = [str(each.absolute()) for each in pictures]
    answer = ask(context.obj, {"question": "predict", "run": found.id, "pictures": given, "to": str(to.absolute())})
    if as_json:
        output.give_json({"run": found.id, **answer})
        return
    *others, last = answer["files"]
    output.people().print(f"{output.count(len(others), 'mask')} and {last}" if others else str(last))
    for sentence in answer["left_out"]:
        output.complain(f"Left out: {sentence}")
