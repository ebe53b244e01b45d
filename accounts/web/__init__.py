"""Pages of accounts: login, profile, password, second factor, tokens, organization switcher."""
