"""A recipe as a folder that trains on another machine without a screen, and which pictures it wants there.

    folder      writes it (read this first)
    pictures    a person's own files: which, how many, and whether others are the same
    described   job.json: what the folder is of
    texts       run.sh and README.txt, the same for every job

Trains nothing: the folder's run.sh calls `workbench train --job`. What comes of it comes back by `journal.importing`.
"""
