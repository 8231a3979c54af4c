"""Independent implementations that ours is compared with."""
