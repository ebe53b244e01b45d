"""Findings: rules on stats and mirrored objects, an engine that records them, snoozes, words."""
