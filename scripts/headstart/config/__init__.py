"""Read and check the settings, without TensorFlow and Pillow."""
