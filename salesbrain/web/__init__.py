"""Shared parts of the customers' pages: layout, base view, charts, template tags, error pages."""
