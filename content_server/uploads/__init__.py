"""Uploads: resumable uploads of clips (tus), and the private originals of photos."""
