"""REMEMBERS: everything every run said, in one SQLite file a workspace."""

from workbench.journal.store import Asked, Journal, Run, Said, Steps

__all__ = ["Asked", "Journal", "Run", "Said", "Steps"]
