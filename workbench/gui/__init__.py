"""SHOWS: the window. PySide6 and pyqtgraph live here and nowhere else.

app, window                          opens the window; builds and wires it
session, followers, run_thread       what the window knows of runs; has no widget
presenter, deeds, verbs, commands    what is shown; what is asked and done; the table of menus and keys
runs/, tabs/, curves/                card, strip, rail and table of runs; the pages; the plots
theme, tokens, sheet, icons, words   how everything looks and is said
widgets/                             painted controls that know nothing of runs and recipes
recipe/                              the form, generated from the spec
"""
