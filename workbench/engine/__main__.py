"""`python -m workbench.engine`: low priority first, then everything that takes time. See `process`."""

from workbench import priority

if __name__ == "__main__":
    priority.lower(priority.TRAINING)
    from workbench.engine.process import end

    end()
