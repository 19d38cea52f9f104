"""/help: what the bot does and how it works here; and a welcome in servers that it joins."""
