"""The public API: languages and published lessons as JSON, and its documentation page."""
