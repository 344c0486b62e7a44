"""What this version decodes. Pure: names and numbers."""

DECODED_CODECS = ("h264", "mjpeg")
"""In order of preference."""
LARGEST_DECODED_PX = (1920, 1080)
"""Width and height; a larger picture would cost a decoder more than a picture's time here."""
