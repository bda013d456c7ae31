"""DOES: trains with Keras; always a process of its own, started by name (`python -m workbench.engine`)."""
