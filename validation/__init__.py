"""Our numbers beside someone else's: each module here has `compare()`."""
