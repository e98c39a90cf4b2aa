"""Routes for media: photos, uploads, clips, recorder."""
