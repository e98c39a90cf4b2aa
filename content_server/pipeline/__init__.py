"""The pipeline: lesson files and media come in, renditions are transcoded, pages are published."""
