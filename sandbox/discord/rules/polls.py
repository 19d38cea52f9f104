"""A poll sent with a message. Source: Discord, "Poll Resource"."""

from sandbox.discord.rules.node import Node

LONGEST_QUESTION = 300
LONGEST_ANSWER = 55
MOST_ANSWERS = 10
MOST_HOURS = 768
LONGEST_EMOJI_NAME = 32


def check_poll(message: Node) -> None:
    """Check the `poll` of a message: a question, one to ten answers, at most 32 days."""
    poll = message.child("poll")
    if poll is None:
        return
    poll.integer("duration", 1, MOST_HOURS)
    poll.boolean("allow_multiselect")
    poll.choice("layout_type", (1,))
    if question := poll.child("question", required=True):
        question.text("text", 1, LONGEST_QUESTION, required=True)
    for answer in poll.children("answers", 1, MOST_ANSWERS, required=True):
        media = answer.child("poll_media", required=True)
        if media is None:
            continue
        media.text("text", 1, LONGEST_ANSWER)
        if emoji := media.child("emoji"):
            emoji.snowflake("id")
            emoji.text("name", 0, LONGEST_EMOJI_NAME)
