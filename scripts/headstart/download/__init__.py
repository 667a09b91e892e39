"""Bring a file from an address to a checked copy."""
