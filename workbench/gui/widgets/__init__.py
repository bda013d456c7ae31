"""Painted controls that know nothing of runs and recipes; each takes the theme first.

button     Button(theme, text, icon, kind)                     primary, tonal, plain, flat
switch     Switch(theme)                                       a check box drawn as a switch
segments   Segments(theme, [(key, label), …])                  one of a few; signal chosen(key)
pill       StatePill(theme, state, ending), paint_pill         icon and word on a tint
plateau    PlateauCells(theme)                                 waited of patience
sparkline  Sparkline(theme), paint_sparkline                   a small curve with its best point
sample     RunSample(theme), paint_sample                      line sample of a run: dash and marker
"""
