"""Settings of an organisation: price lists, calendars, users, and its registers."""
