"""Lesson files as text: YAML with line numbers, validation problems, fingerprints, JSON Schemas."""
