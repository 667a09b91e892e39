"""Build, fit and keep networks."""
