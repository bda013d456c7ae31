"""COUNTS: what a run's answers to pictures come to: counts by class, calibration, rankings, curves and overlaps.

NumPy only. Takes true classes and probabilities as plain arrays; knows nothing of networks, files of pictures or windows.
Every number is the one that scikit-learn gives for the same answers; tests hold it to that.
"""
