"""A run as a readable script of plain Keras, and as a notebook; each carries its recipe (spec/carried).

writing        from a recipe to the script (read this first); notebook: the same cells as an .ipynb file
draft          a script while it is being written: constants, imports, cells
data, network, initializers, pretrained, optimizers, schedule_free, schedules, tricks, training    the parts, in the order of the recipe
files          what is asked of a run, and how it comes to the disk
randomness     where the chance of training comes from
"""
