"""What the window shows of runs: the card, the strip, the rail and the table; and the watch over all runs."""
