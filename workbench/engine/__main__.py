"""`python -m workbench.engine`: low priority first, then everything that takes time. See `process`."""

from workbench import priority

if __name__ == "__main__":
    priority.lower()
    from workbench.engine.process import end

    end()
