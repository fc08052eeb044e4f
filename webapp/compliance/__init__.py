"""For those who compare diagram and practice: deviations, the event log of a case, and the log as CSV."""
