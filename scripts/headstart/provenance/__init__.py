"""Record how a file was made, and find what changed since."""
