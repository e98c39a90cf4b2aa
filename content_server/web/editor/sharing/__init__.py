"""Routes for sharing: share links, lesson archives, text tables."""
