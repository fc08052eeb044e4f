"""Service-task handlers in Python, one module per organisation or channel."""
