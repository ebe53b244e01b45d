"""The API under /api/v2: a table of routes and the functions behind them."""
