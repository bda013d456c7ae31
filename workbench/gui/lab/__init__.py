"""The descent lab's tab: its settings at the left, the landscape with the paths, curves, table and what plays them."""
