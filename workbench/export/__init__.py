"""GIVES what needs no model: figures of the curves and their numbers.

wish                            what is to be given, and how large; plain
series, looks                   which points are drawn; with which colours, fonts and ticks
loss_lane, small_lanes, marks   what is drawn into the lanes
flags, switches                 what happened, as numbers above them; what is on or off as a person likes
legend, figure                  the figure as a whole; PNG, SVG, PDF
table                           the same as numbers: CSV
script, report                  the run as a script of plain Keras, and as a notebook; as a page to print; whole: each by its word
lab                             what the descent lab shows, as a figure
logs                            the run for programs that people know: TensorBoard, JSON, MLflow
files                           how all of it comes to the disk
"""
