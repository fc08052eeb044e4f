"""What the appliance brand's processes compute (document 003)."""
