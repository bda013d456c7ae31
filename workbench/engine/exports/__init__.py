"""Models for other programs: a run's kept weights as a file that needs nothing of the workbench.

Every one takes pictures as they are, float32 from 0 to 255, and gives probabilities: preparing them, the crop and the softmax are
inside. It is written beside its place, read back by the program that it is for, compared with the engine's own answers, and
given its name only when they agree. Read in this order:

subject     the run, its checkpoint, its network as plain Keras, and what the file is to say of them
plain       the network in layers that any Keras has
formats     one row a format: keras_file, saved_model, onnx_file, litert, weights_file
checking    compares what a written file says with what the engine says
example     the few lines that use the file, written beside it
placing     gives files and folders their names at once, or not at all
"""
