"""What the bot promises about security, each promise by a test that tries to break it."""
