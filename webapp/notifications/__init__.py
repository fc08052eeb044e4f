"""Messages in the app: what the process and colleagues have to say to one person."""
