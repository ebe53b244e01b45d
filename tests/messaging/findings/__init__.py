"""Tests of findings: rules on stats and mirrored objects."""
