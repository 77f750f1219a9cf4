"""Files in and out, one module or folder per format."""
