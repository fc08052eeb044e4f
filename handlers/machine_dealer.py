"""What the machine dealer's processes compute (document 002)."""
