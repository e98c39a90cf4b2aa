"""Downloads: packs built on request, the downloads page and USB packs."""
