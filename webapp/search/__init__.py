"""One box to find a case or a task."""
