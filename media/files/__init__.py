"""Files that a call leaves behind: snapshots; later, recordings."""
