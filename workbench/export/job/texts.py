"""run.sh and README.txt of a job: the same for every one, so that no name or path of a person ever stands in a shell's text."""

from __future__ import annotations

RUN = r"""#!/bin/sh
# Trains the recipe in this folder, without a screen. README.txt says more.
#
#   sh run.sh                              trains; when it was interrupted, goes on
#   DATA=/where/they/are sh run.sh         with the pictures at another place
#   sh run.sh --set training.threads=8     what follows is handed to `workbench train`

case $0 in
    */*) here=${0%/*}/ ;;
    *) here=. ;;
esac
# The x keeps a line break at the end of a folder's name, which $(...) would drop.
here=$(CDPATH='' cd -- "$here" && pwd -P && echo x) || exit 1
here=${here%?x}

if ! command -v workbench >/dev/null 2>&1; then
    echo "Keras Workbench is not installed here, or not on PATH." >&2
    echo "Install it with: pip install keras-workbench" >&2
    exit 127
fi
if [ -n "${DATA:-}" ]; then
    set -- --data "$DATA" "$@"
fi
exec workbench --home "$here/workspace" train "$here/recipe.toml" --job "$@"
"""

README = """A job of Keras Workbench: one training, for a machine without a screen.

recipe.toml   every setting of the run        job.json   which pictures, seed and backend
run.sh        trains it                       workspace/ what comes of it, with curves and weights

1. Copy this folder to the machine. There: pip install keras-workbench
2. sh run.sh                              (again, when it was interrupted: it goes on)
   DATA=/where/they/are sh run.sh         when the pictures are at another place there
3. Copy the folder back, and import it: File, Import runs... in the window, or
   workbench import FOLDER
"""
