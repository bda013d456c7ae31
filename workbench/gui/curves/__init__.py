"""The plots of a run: everything that imports pyqtgraph. It is loaded after the window's first paint.

view          CurvesView: legend and controls over the lanes, in a card
stack         PlotStack: the lanes on one x axis, with crosshair, keys and follow mode; one focus stop
lane          one lane: a pyqtgraph plot whose curves are painted in pixels by a layer of its own
loss_lane, small_lanes      what each lane draws
marks, readout, event_lane, x_axis    best, stops and patience; the card at the crosshair; flags; ticks
scales, inks, strokes       ticks and ranges; pens and brushes of the theme; quick painting

pyqtgraph keeps the ranges and the scene. It neither down-samples nor ranges by itself here: data come
decimated from the curves' pyramid, ranges are set only when they have to be, and only the strip that got new
points is painted anew.
"""
