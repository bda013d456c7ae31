"""PLANS: from a recipe to a plain list of layers with shapes, parameters and multiply-adds; knows no Keras."""
