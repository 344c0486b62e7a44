"""Pictures: sources, encoders, decoders."""
