"""Review: what happens to a draft after it is submitted.

`workflow` submits, returns and approves drafts and records each event; `comments` and
`back_translation` hold what people say about a step; `consents` records who agreed to be heard or
seen; `word_diff` compares two sentences.
"""
