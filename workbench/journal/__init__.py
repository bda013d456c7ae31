"""REMEMBERS: everything every run said, in one SQLite file a workspace."""

from workbench.journal.rows import Asked, Run, Said, Steps
from workbench.journal.store import Journal

__all__ = ["Asked", "Journal", "Run", "Said", "Steps"]
