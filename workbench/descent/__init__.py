"""The descent lab's mathematics: functions of two variables, what theory says of them, and what a path did.

No Keras, no Qt. A surface's formulas are written once and take the module they reckon with: NumPy here, keras.ops in the
engine's compiled race.
"""
