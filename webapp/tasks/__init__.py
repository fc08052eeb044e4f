"""The room of staff: the worklist and the page on which a task is done."""
