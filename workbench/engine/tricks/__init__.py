"""The tricks that act during training, one a file; each takes its own spec and knows nothing of the loop."""
