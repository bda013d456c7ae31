"""The parts of the Model tab: a network as a tree of rows, each drawn and told in numbers.

telling     what a row says, in words; no Qt
drawing     where rows and links stand in the graph; no Qt
rows        the tree for Qt's views, with real columns
painter     paints one row
view        the tree itself: keys, zoom, copying
"""
