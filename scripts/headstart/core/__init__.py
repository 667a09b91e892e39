"""Provide the basis of every other package: errors, files, names, logs, threads and seeds."""
