"""Tests of the Instantly emulator; none needs a database or a network."""
