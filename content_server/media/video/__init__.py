"""Video: clip analysis, quality search, renditions, stills and captions."""
