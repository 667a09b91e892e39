"""Measure what predictions are worth, and combine them."""
