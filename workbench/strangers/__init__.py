"""LOOKS at files that people drop or name, which may come from anywhere: what they are, and what they can be used for.

Nothing in such a file is ever run, unpacked or followed. `asking` starts the process that looks (`python -m workbench.strangers`),
which has two seconds, little memory and no right to write; there the readers of this part take numbers and text by rules of
their own. `matching` says which layers of a stranger's network fit one of ours. No Keras, no Qt.
"""
