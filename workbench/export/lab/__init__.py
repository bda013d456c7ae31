"""GIVES what the descent lab shows: contours with the paths on them, and the curves by step with the lines of theory.

drawing        what is to be drawn, as it stood on screen, and how it comes to the process that draws it; NumPy only
contours       the landscape's heights and the contours that are drawn of it
figure         the figure as a whole; PNG, SVG, PDF, each with the lab's settings in it
__main__       the process: drawing holds up whoever does it
"""
