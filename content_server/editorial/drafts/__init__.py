"""Drafts: edits, step order, snapshots, share links, attachments and validation."""
