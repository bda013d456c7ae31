"""SHAPES step blocks and events into arrays that can be drawn. NumPy only; live and replay are the same call.

growing, pyramid, smoothing     arrays that get longer, seen from far, made calm
run_curves                      everything a plot needs of one run
summary                         the same in sentences
comparison                      several runs beside each other: what differs, and how much that is worth
"""
