"""What the router remembers: the port (`port.py`) and its two implementations."""
