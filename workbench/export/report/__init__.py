"""A run as one page: a report to print, to send and to keep.

files          how it comes to the disk (read this first); gathered: all that it tells, read from the journal
page           the page as a whole: title, sections, what they look like (style)
words          numbers and names as the page has them
head           how the run ended, in sentences and in a few figures
lines, epochs  the curves and the table of epochs
results        which classes are taken for which
settings       the recipe; happened: events; environment: what it was trained on, and how it is trained again
markup         text that becomes part of a page, and never markup by accident

One file that needs nothing else: no script, no font, no address. It carries the run's recipe (spec/carried/pages).
"""
