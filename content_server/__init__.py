"""Lessons of one minute, from a file to an old phone on a bad signal."""

__version__ = "0.2.0"
