"""The read side, always filtered by the actor."""
