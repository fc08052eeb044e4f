"""What the repair department's processes compute (document 003)."""
