"""The screen of /settings as tests use it: its controls by what they set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.world import Asked, Message, walk

if TYPE_CHECKING:
    from tests.support.world import Member

TAB_OF = {
    **dict.fromkeys(
        ("default_model", "default_size", "output_format", "watermark", "watermark_required", "private"), "Pictures"
    ),
    **dict.fromkeys(
        ("models", "channels_allowed", "channels_denied", "roles_allowed", "age_restricted_only"), "Access"
    ),
    **dict.fromkeys(("blocked_words", "words_in", "banned"), "Moderation"),
    **dict.fromkeys(("log_channel", "time_zone", "language", "replies"), "General"),
}


@dataclass(frozen=True)
class Screen:
    """What a member sees of it now; every act gives the next."""

    member: Member
    message: Message

    @classmethod
    async def opened(cls, member: Member) -> Screen:
        message = await (await member.run("settings")).answer()
        assert message.ephemeral
        return cls(member, message)

    @property
    def text(self) -> str:
        return self.message.text

    def control(self, what: str) -> dict[str, Any]:
        return next(one for one in walk(self.message.data["components"]) if self._meant(one, what))

    def shown(self, what: str) -> set[str]:
        """What is chosen in a select as it is drawn."""
        control = self.control(what)
        options = {one["value"] for one in control.get("options", []) if one.get("default")}
        return options | {one["id"] for one in control.get("default_values", [])}

    async def tab(self, name: str) -> Screen:
        """A section, whose button is in the overview; or that, whose button is in every section."""
        now = await self.again()
        overview = await now.use("tab:overview") if now.has("tab:overview") else now
        return overview if name == "Overview" else await overview.use(f"tab:{name.lower()}")

    def has(self, what: str) -> bool:
        return any(self._meant(one, what) for one in walk(self.message.data["components"]))

    async def at(self, what: str) -> Screen:
        """The section that has this control."""
        return await self.tab(TAB_OF[what])

    async def use(self, what: str, *values: str) -> Screen:
        """Press a button, or choose these in a select and nothing else."""
        return await self.act(self.control(what)["custom_id"], values)

    async def sets(self, what: str, *values: str) -> Screen:
        return await (await self.at(what)).use(what, *values)

    async def writes(self, what: str, words: str, *, press: str = "") -> Screen:
        """Write into the modal that a control opens."""
        opened = await self.opens(what, press)
        return Screen(self.member, await (await self.member.fill(opened, **{_LABELS[what]: words})).answer())

    async def opens(self, what: str, choice: str = "") -> Asked:
        body = {"user": self.member.name, "message": self.message.id, "button": self.control(what)["custom_id"]}
        values = {"values": [choice]} if choice else {}
        return Asked(self.member, await self.member.world.post("/control/press", body | values | {"wait": True}))

    async def again(self) -> Screen:
        """As it is by now."""
        found = await self.member.world.get(f"/control/messages/{self.message.id}")
        return Screen(self.member, Message(self.member.world, found["message"]))

    def by(self, member: Member) -> Screen:
        """The same message in another member's hands: they can't see it, so a forger would have to."""
        return Screen(member, self.message)

    async def act(self, custom_id: str, values: tuple[str, ...] = ()) -> Screen:
        body = {"user": self.member.name, "message": self.message.id, "button": custom_id, "values": list(values)}
        answer = await self.member.world.post("/control/press", body | {"wait": True})
        assert "message" in answer, answer
        return Screen(self.member, Message(self.member.world, answer["message"]))

    @staticmethod
    def _meant(component: dict[str, Any], what: str) -> bool:
        return component.get("custom_id", "").startswith(f"sd:set:{what}:")


_LABELS = {"words_in": "words", "default_size": "size", "time_zone": "zone"}
