"""Writes the network: each layer of the plan as a line of Keras, blocks that repeat as one function.

writing   from the plan to the section (read this first)
blocks    which blocks of a plan are alike, and what differs between them
lines     each kind of layer as an expression
helpers   the few short functions that the lines call
"""
