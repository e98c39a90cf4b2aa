"""The editorial workflow: drafts, review, publication and exchange of lessons."""
