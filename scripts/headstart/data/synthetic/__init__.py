"""Draw stand-ins for two Kaggle image competitions, from a seed."""
