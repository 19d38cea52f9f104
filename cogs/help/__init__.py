"""/help, and a welcome message in servers that add the bot."""
