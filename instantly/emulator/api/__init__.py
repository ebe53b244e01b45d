"""The emulated API under /api/v2: dispatcher, routes, handlers."""
