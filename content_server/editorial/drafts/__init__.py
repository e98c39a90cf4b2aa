"""Drafts: the working copies of editions.

`drafts` saves changes and their conflicts; `step_order` and `spoken_parts` work on a body;
`attachments` adds media, `snapshots` keeps earlier versions, `share_links` shows a draft to guests,
`presence` tells who has it open, `draft_validation` lists its problems.
"""
