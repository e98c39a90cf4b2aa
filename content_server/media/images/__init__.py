"""Images: renditions, redaction, downscaling and the sandboxed image worker."""
