"""Uploads: a large file arrives in pieces over a line that is cut, and no piece is lost."""
