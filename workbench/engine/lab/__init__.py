"""The descent lab's engine: Keras' own optimizers on functions of two variables, all methods one compiled program."""
