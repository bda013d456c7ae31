"""GIVES what needs no model: pictures of the curves."""
