"""SHOWS: the window. PySide6 and pyqtgraph live here and nowhere else.

theme, tokens, sheet, icons, words   how everything looks and is said
widgets/                             painted controls that know nothing of runs and recipes
recipe/                              the form, generated from the spec
"""
