"""A command of another system, played by a shell script."""

from pathlib import Path


def put_command(folder: Path, name: str, script: str) -> Path:
    """Write a command that answers as the real one does."""
    command = folder / name
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    return command
