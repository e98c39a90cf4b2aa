"""Status: staleness, translation status, the language matrix and review dates."""
