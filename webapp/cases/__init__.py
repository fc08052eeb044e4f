"""Cases: the list and one case with its picture, timeline, variables, documents, decisions and jobs."""
