"""Frames: the pictures of films, slide decks and books."""
