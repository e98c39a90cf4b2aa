"""Lesson files: YAML with line numbers, bundles, validation and JSON Schemas."""
