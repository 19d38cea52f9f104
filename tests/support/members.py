"""Members of the local Discord, as tests act for them: what they do, the messages that they see, what came of it."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.world import World

TIMEOUT = 30
BUTTON, STRING_SELECT, TEXT, GALLERY, FILE_UPLOAD = 2, 3, 10, 12, 19


class Refused(Exception):  # noqa: N818 - said as it is read
    """What a member's client does not let them do, or what makes no sense."""


File = tuple[str, bytes]  # its name and its content


@dataclass(frozen=True)
class Message:
    """A message as a member sees it."""

    world: World
    data: dict[str, Any]

    @property
    def id(self) -> str:
        return self.data["id"]

    @property
    def ephemeral(self) -> bool:
        return self.data.get("ephemeral", False)

    @property
    def text(self) -> str:
        """Its texts, with ordinary spaces where lines must not break."""
        texts = (one["content"] for one in walk(self.data["components"]) if one["type"] == TEXT)
        return "\n".join((self.data["content"], *texts)).replace("\xa0", " ")

    @property
    def items(self) -> list[dict[str, Any]]:
        return [item for one in walk(self.data["components"]) if one["type"] == GALLERY for item in one["items"]]

    @property
    def pictures(self) -> list[str]:
        return [item["media"]["url"] for item in self.items]

    @property
    def alt_texts(self) -> list[str]:
        return [item["description"] for item in self.items]

    @property
    def labels(self) -> list[str]:
        return [one["label"] for one in walk(self.data["components"]) if one["type"] == BUTTON]

    @property
    def custom_ids(self) -> list[str]:
        """Of its buttons."""
        return [one["custom_id"] for one in walk(self.data["components"]) if one["type"] == BUTTON]

    @property
    def select(self) -> str:
        """The custom id of its select."""
        return next(one["custom_id"] for one in walk(self.data["components"]) if one["type"] == STRING_SELECT)

    def custom_id(self, label: str) -> str:
        """Of its button with this label."""
        whole = self.whole_label(label)
        return next(one["custom_id"] for one in walk(self.data["components"]) if one.get("label") == whole)

    def whole_label(self, label: str) -> str:
        """The label of a button, which may have a price after its name."""
        return next((one for one in self.labels if one == label or one.startswith(f"{label} · ")), label)

    @property
    def reactions(self) -> list[str]:
        """The names of the emoji."""
        return [one["emoji"]["name"] for one in self.data.get("reactions", [])]

    @property
    def file_sizes(self) -> list[int]:
        return [one["size"] for one in self.data["files"]]

    async def sizes(self) -> list[tuple[int, int]]:
        """Width and height of every picture, by its bytes."""
        return [Image.open(io.BytesIO(await self.world.download(url))).size for url in self.pictures]

    async def now(self) -> Message:
        """As it is by now."""
        return Message(self.world, (await self.world.get(f"/control/messages/{self.id}"))["message"])

    async def stages(self) -> list[Message]:
        """Every state that the message was in."""
        found = await self.world.get(f"/control/messages/{self.id}")
        return [Message(self.world, one["message"]) for one in found["history"] if "message" in one]


@dataclass(frozen=True)
class Asked:
    """A command that a member has given, and what came of it."""

    member: Member
    given: dict[str, Any]

    async def answer(self) -> Message:
        """The first response."""
        assert "message" in self.given, self.given
        return Message(self.member.world, self.given["message"])

    async def ended(self) -> Message:
        """The message once nothing more will come: a refusal, a failure or a result."""
        first = await self.answer()
        if first.ephemeral and not first.data["flags"] & 1 << 15:
            return first
        return await self.result()

    async def result(self, *, pictures: int | None = None, text: str = "") -> Message:
        """The message that has its buttons."""
        after = int((await self.answer()).id) - 1
        found = await self.member.wait_for_message(button="Details", after=str(after), text=text)
        assert pictures is None or len(found.pictures) == pictures
        return found


@dataclass(frozen=True)
class Member:
    world: World
    name: str
    channel: str

    @property
    def id(self) -> str:
        return self.world.user_ids[self.name]

    async def imagine(self, **options: Any) -> Asked:
        return await self.run("imagine", **options)

    async def run(
        self, command: str, *, files: dict[str, File] | None = None, target: Message | None = None, **options: Any
    ) -> Asked:
        """A slash command, or with a target a command of that message's menu."""
        attachments = {option: encoded(file) for option, file in (files or {}).items()}
        body = {"name": command, "options": options, "attachments": attachments, "wait": True}
        if target:
            body["target"] = target.id
        return Asked(self, await self.world.post("/control/command", self._here(body)))

    async def say(
        self,
        words: str = "",
        *,
        to: Message | None = None,
        ping: bool = True,
        mention: bool | str = False,
        files: Sequence[File] = (),
        sticker: str | None = None,
        **extra: Any,
    ) -> Message:
        """A message, or a reply, which pings by default.

        `mention`: the bot is mentioned before the words, or by "role" its managed role. `sticker`: by name. `extra`:
        `poll={"question", "answers"}`, `voice=True`, and for a reply `reference="deleted"`, where the message replied
        to is deleted meanwhile, or "absent", where Discord did not look for it.
        """
        if mention:
            words = f"{await self.world.mention(self.channel, role=mention == 'role')} {words}".rstrip()
        body: dict[str, Any] = {"content": words, "ping": ping, "attachments": [encoded(one) for one in files], **extra}
        body |= {"reply_to": to.id} if to else {}
        body |= {"stickers": [sticker]} if sticker else {}
        return Message(self.world, await self.world.post("/control/message", self._here(body)))

    async def forward(self, message: Message) -> Message:
        return Message(self.world, await self.world.post("/control/message", self._here({"forward": message.id})))

    async def react(self, message: Message, emoji: str) -> None:
        await self.world.post("/control/react", {"user": self.name, "message": message.id, "emoji": emoji})

    async def delete(self, message: Message) -> None:
        await self.world.delete_message(message.id)

    async def pin(self, message: Message) -> Message:
        """The message that says so."""
        return Message(self.world, await self.world.post("/control/pin", {"user": self.name, "message": message.id}))

    async def answer_to(self, message: Message) -> Message:
        """The bot's reply to a message."""
        return await self.wait_for_message(after=message.id)

    async def result_of(self, message: Message) -> Message:
        """The result that the bot's reply to a message has become."""
        return await self.wait_for_message(after=message.id, button="Details")

    async def choose(self, message: Message, *values: str) -> Message:
        """Choose a picture by its index: by its number's button, or in the message's select."""
        numbers = [one for one in message.custom_ids if one.startswith("sd:pick:") and one.endswith(f":{values[0]}")]
        if numbers:
            return await (await self.pressed(message, str(int(values[0]) + 1))).answer()
        body = {"user": self.name, "message": message.id, "button": message.select, "values": values, "wait": True}
        return Message(self.world, (await self.world.post("/control/press", body))["message"])

    async def fill(self, opened: Asked, files: Sequence[File] = (), **fields: str | list[str]) -> Asked:
        """Fill in and send a modal. Fields are named by a word of their label; files go to its upload."""
        modal = opened.given["answer"]["data"]
        ids = {one["label"]: one["component"] for one in modal["components"]}
        named = {word: next(inner for label, inner in ids.items() if word in label.lower()) for word in fields}
        given = {named[word]["custom_id"]: value for word, value in fields.items()}
        upload = next((one["custom_id"] for one in ids.values() if one["type"] == FILE_UPLOAD), "")
        body = {
            "user": self.name,
            "interaction": opened.given["interaction"],
            "fields": given,
            "attachments": {upload: [encoded(file) for file in files]} if files else {},
            "wait": True,
        }
        return Asked(self, await self.world.post("/control/modal", body))

    async def pressed(self, message: Message, button: str) -> Asked:
        """Press a button whose answer is a new message, or a modal; one of a single picture's others behind More."""
        message = await self.holding(message, button)
        body = {"user": self.name, "message": message.id, "button": message.whole_label(button), "wait": True}
        return Asked(self, await self.world.post("/control/press", body))

    async def deletes(self, message: Message) -> None:
        """Press Delete, and Delete again where it asks."""
        await self.press(message, "Delete", answer=False)
        question = await self.wait_for_message(after=message.id, button="Keep")
        await self.press(question, "Delete", answer=False)

    async def imagine_to_end(self, **options: Any) -> Message:
        result = await (await self.imagine(**options)).result()
        assert result.pictures, result.text
        return result

    async def commands(self) -> set[str]:
        """The names of those that the member is offered here."""
        found = await self.world.get("/control/commands", user=self.name, channel=self.channel)
        return {one["name"] for one in found}

    async def autocomplete(self, command: str, focused: str, **options: Any) -> list[Any]:
        return [choice["value"] for choice in await self.choices(command, focused, **options)]

    async def choices(self, command: str, focused: str, **options: Any) -> list[dict[str, Any]]:
        """What autocomplete offers, with the names that the member reads."""
        body = self._here({"name": command, "options": options, "focused": focused})
        found: list[dict[str, Any]] = (await self.world.post("/control/autocomplete", body))["choices"]
        return found

    async def holding(self, message: Message, button: str) -> Message:
        """The message that has the button: of a single picture's, some are behind More."""
        if message.whole_label(button) in message.labels or "More" not in message.labels:
            return message
        return await (await self.pressed(message, "More")).answer()

    async def press(self, message: Message, button: str, *, answer: bool = True) -> Message | None:
        message = await self.holding(message, button)
        body = {"user": self.name, "message": message.id, "button": message.whole_label(button), "wait": True}
        pressed = await self.world.post("/control/press", body)
        return Message(self.world, pressed["message"]) if answer else None

    async def messages(self) -> list[Message]:
        found = await self.world.get("/control/messages", user=self.name, channel=self.channel)
        return [Message(self.world, one) for one in found]

    async def wait_for_message(self, **conditions: str) -> Message:
        query = {"for": "message", "user": self.name, "channel": self.channel, "timeout": str(TIMEOUT)}
        found = (await self.world.get("/control/wait", **query, **conditions))["found"]
        assert found, (conditions, [one.text for one in await self.messages()])
        return Message(self.world, found)

    async def next_result(self) -> Message:
        return await self.wait_for_message(button="Details")

    async def sees_nothing(self) -> None:
        query = {"user": self.name, "channel": self.channel, "timeout": str(TIMEOUT)}
        await self.world.get("/control/wait", **{"for": "empty"}, **query)
        assert await self.messages() == []

    def _here(self, body: dict[str, Any]) -> dict[str, Any]:
        return body | {"user": self.name, "channel": self.channel}


def encoded(file: File) -> dict[str, str]:
    return {"name": file[0], "data": base64.b64encode(file[1]).decode()}


def walk(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every component, outer before inner."""
    found = []
    for component in components:
        inner = [*component.get("components", []), *filter(None, [component.get("accessory")])]
        found += [component, *walk(inner)]
    return found
