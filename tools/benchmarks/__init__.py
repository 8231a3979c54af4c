"""What starts and calls cost, beside others' ways."""
