"""Routes of the remote control of slides."""
