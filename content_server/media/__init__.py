"""WHAT IS SEEN AND HEARD: drawn screens, photos, voices and clips, made small, kept by digest."""
