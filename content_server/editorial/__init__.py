"""The editorial workflow: what editors do with lessons before villagers see them.

`edits` changes the body of a draft, `drafts` stores it, `review` submits, approves and comments,
`publication` publishes and withdraws, `status` says what is out of date, `exchange` writes and
reads archives and spreadsheets, `intake` turns uploads into media sources.
"""
