"""Run the pretrained backbone, and augment its input images."""
