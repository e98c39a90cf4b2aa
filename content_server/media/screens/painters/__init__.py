"""Painters: one function per widget of a drawn screen."""
