"""Lessons and their editions in each language.

`lesson` holds the models of lesson files, `bundle` reads and validates the files of one lesson,
`editions` stores revisions in the database, `localized` resolves fallbacks for one language.
"""
