"""Simulated life of the emulator: sending campaigns; leads that open, click, reply; failing accounts."""
