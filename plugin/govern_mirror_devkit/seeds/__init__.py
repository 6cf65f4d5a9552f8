"""What a sandbox can be filled with."""
