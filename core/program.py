"""Facts about the program itself. Pure: values only."""

NAME = "Vis-à-vis"
VERSION = "0.1.0"

PACKAGES = ("call", "cli", "core", "media", "net", "ui")
"""The program's own packages; each module logs under its own name."""
