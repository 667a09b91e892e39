"""Turn files into rows with labels, groups and folds."""
