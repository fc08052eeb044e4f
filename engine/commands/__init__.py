"""Commands: load, check, change, log. The transaction lives around them."""
