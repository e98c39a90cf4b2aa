"""Published bytes: the front, its cache, ranges and beacons."""
