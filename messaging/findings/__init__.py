"""Findings: rules on stats and mirrored objects, the engine that records them, snoozes and their words."""
