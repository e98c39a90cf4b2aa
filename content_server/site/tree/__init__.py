"""The published tree: finished pages, their headers and CSP, and its exports."""
