"""Slides: the deck for a projector and the trainer notes."""
