"""Who is there: signing in and out, passwords, the profile."""
