"""LOOKS BACK at kept weights: what they say of pictures, what in a picture they go by, what their layers make of it.

Always on the TensorFlow backend, as exports are, whatever trained the run: weights bear our names and belong to no backend.
Nothing here changes a run; that the test part was looked at is remembered in the journal.
"""
