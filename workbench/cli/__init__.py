"""The command line: one file a command group. It trains through the keeper and follows the journal, as the window does."""
