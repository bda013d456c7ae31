"""The keeper: starts, finds, watches, stops and kills engines from the outside. It knows neither Qt nor Keras."""
