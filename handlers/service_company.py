"""What the service company's processes compute (document 004)."""
