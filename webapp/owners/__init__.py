"""For process owners: what is deployed, tables and forms to look at, and deploying files."""
