"""The link: one socket, its protocol and who is at its other end. Knows no picture and no sound."""
