"""What the retail store's processes compute (document 003)."""
