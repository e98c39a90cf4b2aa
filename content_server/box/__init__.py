"""The village box: shows a signed course pack where there is no internet."""
