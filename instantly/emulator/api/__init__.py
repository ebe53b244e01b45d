"""Emulated API of Instantly under /api/v2: dispatcher, routes, handlers."""
