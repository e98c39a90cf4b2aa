"""The status of editions: what is missing, stale or due for review.

`staleness` compares fingerprints of sentences, `translation_status` reduces an edition to the state
of its text and voice, `matrix` does so for all lessons and languages, `review_dates` says when a
lesson has to be checked again.
"""
