"""Read and write the files that stages hand on."""
