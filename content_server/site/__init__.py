"""What is published: finished pages, and the tree of bytes that every server of ours shows."""
