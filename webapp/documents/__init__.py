"""Documents: records as printable pages, uploaded files."""
