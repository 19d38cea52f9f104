"""What a job looks like at every stage: what people read, and Discord's limits."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.delivery.buttons import version_buttons
from cogs.delivery.job_message import mark_of, render
from cogs.delivery.render_options import RenderOptions
from cogs.results.details import render_details
from cogs.texts.common import escaped
from seedream.phrases import Phrase
from studio.jobs.advance import advance
from studio.jobs.circuit_breaker import BLOCKING
from studio.jobs.events import Broke, Dropped, Finished, ImageDropped, ImageMissed, Late, Moved, Shown, Started
from studio.jobs.job import Parent, Verb
from studio.jobs.messages import MessageForm, Shape
from studio.jobs.states import Failure, Path, Reason
from tests.support.jobs import MESSAGE, ORIGIN, a_job, a_picture, an_attachment, arrived, posted
from tests.support.layers import layered_job


def after(*events, **request):
    return reduce(advance, (posted(), Started(Path.STREAM, 1.0), *events), a_job(**request))


def components(view):
    """Every component of a view, outer before inner."""
    stack = list(view.to_components())
    while stack:
        component = stack.pop(0)
        yield component
        stack[:0] = [*component.get("components", []), *filter(None, [component.get("accessory")])]


def text(job, options=None):
    """All texts, with ordinary spaces where lines must not break."""
    pages = render(job, options or RenderOptions())
    texts = (c["content"] for page in pages for c in components(page.view) if c["type"] == 10)
    return "\n".join(texts).replace("\xa0", " ")


def details(job, *parts):
    view, _texts = render_details(job, parts)
    return "\n".join(c["content"] for c in components(view) if c["type"] == 10)


def labels(job):
    return [c["label"] for page in render(job) for c in components(page.view) if c["type"] == 2]


async def test_the_placeholder_says_what_is_painted_since_when_and_for_whom():
    words = text(a_job(group=4))
    assert "a red fox in snow" in words
    assert "Painting 4 pictures" in words
    assert "<t:0:R>" in words
    assert "SeeDream 5.0 lite" in words
    assert "<@4>" in words


async def test_a_waiting_job_says_how_many_are_ahead():
    assert "3 ahead" in text(a_job(place=3))


async def test_a_group_on_its_way_says_how_many_are_there():
    assert "2 of 4" in text(after(arrived(0), arrived(1), group=4))


async def test_a_result_shows_its_pictures_with_the_prompt_as_alt_text():
    page = render(after(arrived(0), arrived(1), Finished(26.0), group=2))[0]
    gallery = next(c for c in components(page.view) if c["type"] == 12)
    assert [item["media"]["url"] for item in gallery["items"]] == [
        "attachment://a-red-fox-in-snow-1.jpeg",
        "attachment://a-red-fox-in-snow-2.jpeg",
    ]
    assert [item["description"] for item in gallery["items"]] == [
        "1 of 2: a red fox in snow",
        "2 of 2: a red fox in snow",
    ]


async def test_a_result_says_model_size_seed_and_seconds_and_offers_details_and_delete():
    job = after(arrived(0), Finished(26.0), model="doubao-seedream-3.0-t2i", size="1024x1024", seed=7)
    words = text(job)
    for expected in ("3.0", "2048 × 2048", "seed 7", "26 s"):
        assert expected in words
    assert labels(job) == ["Details", "Reroll", "Vary", "Edit", "More", "Delete"]


async def test_no_line_of_a_footer_breaks_between_a_number_and_its_unit_or_begins_with_a_dot():
    job = after(arrived(0), Finished(26.0))
    footers = [c["content"] for c in components(render(job)[0].view) if c["type"] == 10 and "credit" in c["content"]]
    assert footers == ["-# SeeDream\xa05.0\xa0lite\xa0· 2048\xa0×\xa02048\xa0· 26\xa0s\xa0· 1\xa0credit\xa0· <@4>"]


async def test_what_only_a_token_can_change_says_how_the_result_will_come_and_stays_so():
    private = replace(ORIGIN, private=True)
    job = advance(advance(advance(a_job(origin=private, group=4), posted()), Moved(3)), Late())
    (said,) = render(job)
    assert "by direct message" in text(job)
    assert labels(job) == []
    for event in (Moved(1), Started(Path.STREAM, 1.0), arrived(0), arrived(1)):
        job = advance(job, event)
        assert [page.digest for page in render(job)] == [said.digest]
    assert "by direct message" not in text(advance(job, Finished(9.0)))


async def test_what_has_moved_elsewhere_is_drawn_as_it_goes_on():
    job = advance(advance(a_job(origin=replace(ORIGIN, private=True)), posted()), Late())
    moved = replace(job, messages=(replace(MESSAGE, by_token=False),))
    assert "Painting" in text(moved)


async def test_a_set_of_up_to_five_has_a_button_for_each_number_and_a_larger_one_a_select():
    def parts(made):
        job = after(*map(arrived, range(made)), Finished(26.0), group=made)
        return labels(job), [c["options"] for c in components(render(job)[-1].view) if c["type"] == 3]

    assert parts(3) == (["Details", "1", "2", "3", "Reroll · 3 credits", "More like these · 3 credits", "Delete"], [])
    assert parts(5) == (
        ["Details", "1", "2", "3", "4", "5", "Reroll · 5 credits", "More like these · 5 credits", "Delete"],
        [],
    )
    shown, (options,) = parts(6)
    assert (shown, len(options)) == (["Details", "Reroll · 6 credits", "More like these · 4 credits", "Delete"], 6)


async def test_a_press_that_costs_more_than_one_credit_says_so_beforehand():
    single = replace(after(arrived(0), Finished(26.0)), reserved=3)
    assert labels(single)[1] == "Reroll · 3 credits"
    pair = replace(after(arrived(0), arrived(1), Finished(26.0), group=2), reserved=6)
    assert labels(pair)[3:5] == ["Reroll · 6 credits", "More like these · 6 credits"]
    assert [one.label for one in version_buttons(pair, pair.images[0])] == ["Redo · 3 credits"]


async def test_what_joined_a_set_later_is_counted_apart_in_details():
    job = after(arrived(0), arrived(1), Finished(26.0), group=2)
    assert "**Pictures:** 2 of 2\n" in details(job)
    redone = replace(job.images[0], index=20, slot=0)
    assert "**Pictures:** 2 of 2, and 1 later\n" in details(replace(job, images=(*job.images, redone)))


async def test_a_number_stays_with_its_picture_when_another_was_not_made():
    missed = ImageMissed(0, Failure(reason=Reason.CONTENT_REFUSED))
    job = after(missed, arrived(1), arrived(2), Finished(26.0), group=3)
    pressed = [c["custom_id"] for c in components(render(job)[0].view) if c.get("label") in {"2", "3"}]
    assert pressed == [f"sd:pick:{job.id}:1", f"sd:pick:{job.id}:2"]


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ("word " * 800, "word " * 15 + "word…"),
        ("雪の中の赤い狐" * 20, ("雪の中の赤い狐" * 7)[:41] + "…"),
        ("x" * 4000, "x" * 83 + "…"),
        ("a fox\n\n\nin snow", "a fox in snow"),
    ],
)
async def test_a_prompt_takes_at_most_three_lines_on_a_phone(prompt, shown):
    assert text(a_job(prompt=prompt)).splitlines()[0] == f"**{shown}**"


async def test_what_waits_or_is_painted_can_be_stopped():
    assert (
        labels(a_job()) == labels(a_job(place=3)) == labels(after()) == labels(after(arrived(0), group=4)) == ["Cancel"]
    )


async def test_what_was_stopped_after_it_was_sent_says_what_it_cost():
    running = after(Dropped(5.0), group=4)
    assert "Stopped. It had been sent, so up to 4 credits will be billed." in text(running)
    assert labels(running) == ["Delete"]
    for made, words in ((0, "Stopped. Nothing was charged."), (1, "1 credit was billed"), (3, "3 credits were billed")):
        ended = reduce(advance, (*map(ImageDropped, range(made)), Finished(26.0)), running)
        assert words in text(ended)
        assert "made" not in text(ended)
        assert "⚠️" not in text(ended)
        assert labels(ended) == ["Details", "Retry · 4 credits", "Delete"]
        assert not [c for page in render(ended) for c in components(page.view) if c["type"] == 12]
        render_details(ended)


async def test_of_what_was_stopped_and_then_lost_it_is_said_that_it_may_be_charged():
    lost = advance(after(Dropped(5.0)), Broke(Failure(reason=Reason.LOST), 26.0))
    assert "Stopped. The service may still have charged for it." in text(lost)


async def test_what_had_arrived_when_its_job_was_stopped_stays_with_its_buttons():
    job = after(arrived(0), arrived(1), Dropped(5.0), ImageDropped(2), Finished(26.0), group=4)
    (gallery,) = [c for page in render(job) for c in components(page.view) if c["type"] == 12]
    assert len(gallery["items"]) == 2
    assert "Stopped. 3 credits were billed, as it had been sent." in text(job)
    assert labels(job) == ["Details", "1", "2", "Retry · 4 credits", "Delete"]
    one = after(arrived(0), Dropped(5.0), Finished(26.0))
    assert labels(one) == ["Details", "Retry", "Vary", "Edit", "More", "Delete"]


async def test_stopped_layers_show_those_that_had_arrived():
    stopped = reduce(
        advance, (posted(), Started(Path.POLL, 1.0), Dropped(5.0), ImageDropped(0), Finished(9.0)), layered_job()
    )
    assert "Stopped. 1 credit was billed" in text(stopped)
    assert "From back to front" not in text(stopped)
    render_details(stopped)


@pytest.mark.parametrize("reason", list(Reason))
async def test_every_failure_is_a_sentence_that_says_what_to_do_and_what_is_known_of_its_cost(reason):
    job = after(Broke(Failure(reason=reason, detail="The words were: *no*", trace_id="trace-9"), 2.0))
    words = text(job)
    cut_short = {Reason.CUT, Reason.INTERRUPTED, Reason.CRASHED, Reason.EXPIRED}
    unsure = reason in {*cut_short, Reason.LOST, Reason.INTERNAL, Reason.PICTURE}
    assert ("may still have charged" if unsure else "Nothing was charged") in words
    assert "trace-9" in words
    assert "⚠️" in words


@pytest.mark.parametrize("reason", [Reason.BAD_REQUEST, Reason.REFERENCE, Reason.CONTENT_REFUSED, Reason.UNKNOWN])
async def test_the_service_s_own_words_follow_the_sentence_as_one_bounded_line_without_markup(reason):
    words = text(after(Broke(Failure(reason=reason, detail="size\n**must** be <@1> [x](http://y)" + " z" * 500), 2.0)))
    line = next(line for line in words.splitlines() if line.startswith("⚠️"))
    assert "It said: “size \\*\\*must\\*\\* be" in line
    assert line.endswith("…”.")
    assert len(line) < 500
    assert r"\<@1> \[x\](http\://y)" in line


@pytest.mark.parametrize(
    ("detail", "told"), [("Refused.", " It said: “Refused”."), ("图片无效。", " It said: “图片无效”."), (" . ", "")]
)
async def test_a_sentence_of_the_service_s_that_is_quoted_ends_once(detail, told):
    words = text(after(Broke(Failure(reason=Reason.BAD_REQUEST, detail=detail), 2.0)))
    line = next(line for line in words.splitlines() if line.startswith("⚠️"))
    assert line == f"⚠️ The service refused this combination of options. Change them and try again.{told}"


async def test_our_own_sentence_about_a_reference_stands_alone():
    detail = Phrase("reference: “{name}” is {size}.", name="fox.png", size="9 × 9")
    words = text(after(Broke(Failure(reason=Reason.REFERENCE, detail=detail), 2.0)))
    assert "⚠️ reference: “fox.png” is 9 × 9.\n" in words
    assert "It said" not in words


@pytest.mark.parametrize("reason", [*sorted(BLOCKING), Reason.MODEL_GONE])
async def test_a_member_reads_that_it_is_not_them_and_nothing_of_the_operator_s_account(reason):
    words = text(after(Broke(Failure(reason=reason, detail="account 4711 is overdue"), 2.0)))
    assert "It's not you" in words
    assert "4711" not in words


async def test_a_partial_group_says_how_many_came_why_and_what_it_cost():
    job = after(arrived(0), ImageMissed(1, Failure(reason=Reason.CONTENT_REFUSED)), Finished(3.0), group=2)
    words = text(job)
    assert "1 of 2 made. One was refused by the service's content rules and wasn't charged." in words


async def test_of_several_reasons_a_partial_group_names_the_first():
    refused, failed = Failure(reason=Reason.CONTENT_REFUSED), Failure(reason=Reason.SERVICE)
    job = after(arrived(0), ImageMissed(1, failed), ImageMissed(2, refused), Finished(3.0), group=3)
    words = text(job)
    assert "1 of 3 made. The image service had an internal error." in words
    assert "The rest wasn't charged." in words


async def test_more_than_ten_pictures_go_on_in_a_second_message_that_has_the_buttons():
    pages = render(after(*(arrived(index) for index in range(15)), Finished(9.0), group=15))
    assert [len(page.images) for page in pages] == [10, 5]
    assert [any(c["type"] == 2 for c in components(page.view)) for page in pages] == [False, True]


async def test_a_full_first_message_is_drawn_the_same_until_the_end():
    first = [after(*(arrived(index) for index in range(count)), group=15) for count in (10, 11, 14)]
    done = after(*(arrived(index) for index in range(15)), Finished(9.0), group=15)
    assert len({render(replace(job, id="one job"))[0].digest for job in (*first, done)}) == 1


@given(st.text(), st.text())
def test_jobs_have_marks_that_discord_takes_and_gives_to_no_other_component(job_id, other):
    assert 1 << 30 <= mark_of(job_id) < 1 << 31
    assert (mark_of(job_id) == mark_of(other)) is (job_id == other)


async def test_a_picture_made_smaller_says_so_and_links_its_full_size():
    job = after(arrived(0), Finished(2.0))
    words = text(job, RenderOptions(fitted={0: a_picture(0, size=1000)}))
    assert "10 MiB" in words
    assert "https://files.example/0.jpeg" in words


async def test_what_cannot_be_attached_is_linked():
    words = text(after(arrived(0), Finished(2.0)), RenderOptions(shape=Shape(form=MessageForm.LINKS)))
    assert "https://files.example/0.jpeg" in words


async def test_a_kept_picture_keeps_the_name_that_discord_gave_it():
    job = after(arrived(0), Finished(2.0))
    job = advance(job, Shown(job.version, (MESSAGE,), {0: an_attachment()}))
    gallery = next(c for c in components(render(job)[0].view) if c["type"] == 12)
    assert gallery["items"][0]["media"]["url"] == "attachment://fox-1.jpeg"


AWKWARD = [
    "@everyone @here <@123> <@&456>",
    "**bold** _it_ `code` ```block``` ~~s~~ ||spoiler||",
    "# heading\n> quote\n- list\n-# small",
    "[click](https://evil.example) <https://evil.example>",
    "<t:0:R> </imagine:1> <#5> <:emoji:6> <a:emoji:7> <id:browse>",
    "🦊" * 500,
    "ثعلب أحمر في الثلج",
    "狐" * 4000,
]


@pytest.mark.parametrize("prompt", AWKWARD)
async def test_no_prompt_can_ping_link_or_break_the_layout(prompt):
    for job in (a_job(prompt=prompt), after(arrived(0), Finished(1.0), prompt=prompt)):
        words = text(job)
        assert "@everyone" not in words
        assert "<@123>" not in words.replace(r"\<", "")
        assert "[click]" not in words.replace(r"\[", "")
        assert len(words) <= 4000
        for component in (c for page in render(job) for c in components(page.view) if c["type"] == 12):
            assert all(len(item["description"]) <= 1024 for item in component["items"])


@given(st.text(max_size=300))
def test_escaped_text_is_one_line_of_bounded_length(words):
    assert "\n" not in escaped(words, 100)
    assert len(escaped(words, 100)) <= 400


@given(st.text(max_size=3999).map("x{}".format), st.integers(1, 15))
async def test_every_drawing_fits_into_discords_limits(prompt, group):
    job = after(*(arrived(index) for index in range(group)), Finished(1.0), prompt=prompt, group=group)
    for page in render(job):
        drawn = list(components(page.view))
        assert len(drawn) <= 40
        assert sum(len(c["content"]) for c in drawn if c["type"] == 10) <= 4000


async def test_details_tell_everything_and_attach_a_prompt_that_is_too_long():
    job = replace(after(arrived(0), Finished(26.0)), task_id="task-1", trace_id="trace-1")
    view, attached = render_details(job)
    words = "\n".join(c["content"] for c in components(view) if c["type"] == 10)
    for expected in (
        "a red fox in snow",
        "doubao-seedream-5.0-lite",
        "task-1",
        "trace-1",
        job.id,
        "1 credit",
    ):
        assert expected in words
    assert attached == {"links.txt": "Picture 1: https://files.example/0.jpeg"}
    _, attached = render_details(after(arrived(0), Finished(26.0), prompt="x" * 3999))
    assert attached["prompt.txt"] == "x" * 3999


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (
            "[a](https://evil.example) [b](https://evil.example)",
            r"\[a\](https\://evil.example) \[b\](https\://evil.example)",
        ),
        ("see https://evil.example/a_b_*c*", r"see https\://evil.example/a\_b\_\*c\*"),
        ("<https://evil.example> <t:0:R>", r"\<https\://evil.example> \<t:0:R>"),
        ("```js\ncode``` ||hidden||", r"\`\`\`js code\`\`\` \|\|hidden\|\|"),
        ("# not a heading", r"\# not a heading"),
        ("fox\u202egnp.exe\u2066 \u200b\ufeff\0 night", "foxgnp.exe night"),
        ("👩\u200d🚀 می\u200cخواهم", "👩\u200d🚀 می\u200cخواهم"),
        ("at 12:30, 3:4", "at 12:30, 3:4"),
    ],
)
def test_words_are_shown_as_they_were_typed_and_as_nothing_else(words, shown):
    assert escaped(words, 200) == shown


async def test_details_name_and_link_the_parent_and_what_was_asked_for():
    job = replace(
        after(arrived(0), Finished(26.0), ratio="16:9"), parent=Parent(verb=Verb.VARY, link="https://x.example/1")
    )
    words = "\n".join(c["content"] for c in components(render_details(job)[0]) if c["type"] == 10)
    assert "**Source:** A variation of [this](https://x.example/1)" in words
    assert "**Requested size:** 2K 16:9" in words


async def test_a_prompt_that_a_code_block_can_not_hold_is_attached_as_it_is():
    view, attached = render_details(after(arrived(0), Finished(26.0), prompt="```a fox``` in snow"))
    assert attached["prompt.txt"] == "```a fox``` in snow"
    assert next(c["content"] for c in components(view) if c["type"] == 10).count("```") == 2


async def test_links_never_take_more_room_than_a_message_has():
    images = [replace(arrived(number), link=f"https://files.example/{number}?{'x' * 400}") for number in range(15)]
    job = after(*images, Finished(3.0), group=15, model="doubao-seedream-4.0", prompt="*" * 4000)
    words = text(job, RenderOptions(shape=Shape(form=MessageForm.LINKS)))
    assert len(words) <= 4000
    assert "more in Details" in words
    _, attached = render_details(job)
    assert attached["links.txt"].count("https://") == 15
