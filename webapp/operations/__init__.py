"""Running cases for administrators: figures, all cases, what has stopped, jobs, and ending a case."""
