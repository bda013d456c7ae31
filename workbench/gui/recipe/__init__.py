"""The recipe form, generated from the spec: a new setting, trick or optimizer touches no file here.

edits      the form's values, valid or not, with undo; no Qt
panel      builds and wires: header, find field, sections, footer
header     the preset and what can be done with it
section, rows, trick_row, editors   one station, its rows, their controls
estimate, footer   what a run of the recipe would take
draft      what survives a crash
"""
