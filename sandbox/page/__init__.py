"""The page: a small Discord in the browser, to try the bot in as a member and to watch it cope as an operator."""
