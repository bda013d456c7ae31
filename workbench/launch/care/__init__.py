"""Looks a workspace over and mends what can be mended. What a person may want is moved into the trash, never deleted."""
