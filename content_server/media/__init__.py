"""Media: drawn screens, photos, voices and clips, their renditions and the store of bytes."""
