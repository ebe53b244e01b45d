"""What a checkout needs to run by itself: the process launcher and the demo data."""
