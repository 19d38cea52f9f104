"""Options at the end of a prompt: which are taken out, what they mean, and what stays as it was typed."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.i18n.translate import load, using_locale
from cogs.requests.typed_options import TypedOptions, parse_options
from cogs.texts.common import invalid_sentences
from seedream.errors import InvalidRequest
from seedream.models import MODELS
from studio.jobs.options import GenerationOptions
from tests.support.cpu import cpu_seconds

LITE, FOUR_FIVE, PRO = "doubao-seedream-5.0-lite", "doubao-seedream-4.5", "doubao-seedream-5.0-pro"
KNOWN: list[tuple[str, dict[str, Any]]] = [
    ("--ar 16:9", {"ratio": "16:9"}),
    ("--aspect 9:16", {"ratio": "9:16"}),
    ("--ratio 1:1", {"ratio": "1:1"}),
    ("--AR 16:9", {"ratio": "16:9"}),
    ("--ar=16:9", {"ratio": "16:9"}),
    ("--ar = 16:9", {"ratio": "16:9"}),
    ("--ar: 16:9", {"ratio": "16:9"}),
    ("--ar 16 : 9", {"ratio": "16:9"}),
    ("--ar 16x9", {"ratio": "16:9"}),
    ("--ar １６：９", {"ratio": "16:9"}),
    ("--ar 16:9.", {"ratio": "16:9"}),
    ("—ar 16:9", {"ratio": "16:9"}),
    ("–ar 16:9", {"ratio": "16:9"}),
    ("--ar\n16:9", {"ratio": "16:9"}),
    ("--ar 4:5", {"ratio": "4:5"}),
    ("--shape banner", {"ratio": "21:9"}),
    ("--ar Portrait 4:5", {"ratio": "4:5"}),
    ("--shape Écran large", {"ratio": "16:9"}),
    ("--shape 横幅", {"ratio": "21:9"}),
    ("--optimize", {"optimize": "standard"}),
    ("--optimize Fast", {"optimize": "fast"}),
    ("--seed 5", {"seed": 5}),
    ("--seed -1", {"seed": -1}),
    ("--n 4", {"images": 4}),
    ("--images 4", {"images": 4}),
    ("--size 4K", {"size": "4K"}),
    ("--size 2k", {"size": "2K"}),
    ("--size 2048x2048", {"size": "2048x2048"}),
    ("--size 2048 x 2048", {"size": "2048x2048"}),
    ("--size adaptive", {"size": "adaptive"}),
    ("--model 4.5", {"model": FOUR_FIVE}),
    ("--model seedream 4.5", {"model": FOUR_FIVE}),
    ("--model SeeDream-4.5", {"model": FOUR_FIVE}),
    ("--model doubao-seedream-4-5-251128", {"model": FOUR_FIVE}),
    ("--model 5 lite", {"model": LITE}),
    ("--model 5.0-lite", {"model": LITE}),
    ("--model SeeDream 5.0 lite", {"model": LITE}),
    ("--model pro", {"model": PRO}),
    ("--model 5 pro.", {"model": PRO}),
    ("--no snow, people", {"without": "snow, people"}),
    ("--no people in the background", {"without": "people in the background"}),
    ("--no=snow.", {"without": "snow"}),
    ("—no 雪", {"without": "雪"}),
]
UNKNOWN = [
    "--v 6", "--v 6.1", "--stylize 100", "--s 750", "--chaos 5", "--style raw", "--q 2", "--q .5", "--niji 6", "--niji",
    "--tile", "--iw 1.5", "--weird 250", "--video", "--hd", "--p", "--p abc1234", "--sref 123 456", "—v 6",
    "–stylize 100", "--sref https://example.com/a.png https://example.com/b.png", "--foo", "--foo 5", "--foo=5",
    "--V 6", "--cfg-scale 7",
]  # fmt: skip
WORDS = [
    "",
    "   ",
    "a red fox in snow",
    "  a fox \n",
    "a --ar 16:9 fox",
    "--ar 16:9 a fox",
    "a --tile fox",
    "a fox --tile or not",
    "a --no entry sign. Make it red",
    "a --no entry sign — in red",
    "dijo —no muy seguro— que llovía",
    "the sign says --open house",
    "the words --model citizen of the year",
    "a --v 6 engine",
    "a fox -ar 16:9",
    "a fox - ar 16:9",
    "a fox -- ar 16:9",
    "a fox ---ar 16:9",
    "a fox --",
    "a fox —",
    "a fox — dark",
    "the sky —dark",
    "the sky —dark and stormy",
    "is it art? —no",
    "a fox --5",
    "fox--ar 16:9",
    "well—no snow",
    'a screen with "--help"',
    "git commit --open-",
    f"a fox --{'a' * 25}",
]
REFUSED = [
    ("--ar banana", "--ar: The aspect ratio must be one of 1:1,"),
    ("--aspect 5:7", "--aspect 5:7: The aspect ratio"),
    ("--ar", "--ar: The aspect ratio must be one of"),
    ("--shape heart", "--shape: The aspect ratio must be one of"),
    ("--optimize slowly", "--optimize: Prompts are optimized in mode standard or fast. Choose one of them."),
    ("--n 99", "--n 99: You can make 1 to 15 images at once."),
    ("--n 0", "--n 0: You can make 1 to 15 images"),
    ("--images many", "--images: You can make 1 to 15 images"),
    ("--n", "--n: You can make 1 to 15"),
    ("--model gpt", "--model: SeeDream has no such model"),
    ("--model", "--model: SeeDream has no such model"),
    ("--model seedream", "--model: SeeDream has no such model"),
    ("--seed x", "--seed x: Seeds go from -1 (random) to 2147483647"),
    ("--seed 99999999999", "--seed 99999999999: "),
    (f"--seed {'9' * 4000}", "--seed: Seeds go"),
    ("--size huge", "--size: Sizes are "),
    ("--size", "width x height"),
    ("—size huge", "--size: Sizes are "),
    ("--no", "--no: "),
]


@pytest.mark.parametrize(("options", "fields"), KNOWN)
def test_an_option_is_taken_out_of_the_prompt(options, fields):
    assert parse_options(f"a red fox {options}") == TypedOptions(prompt="a red fox", **fields)
    assert parse_options(f"a fox --seed 7 {options} ") == TypedOptions(prompt="a fox", **{"seed": 7} | fields)


@pytest.mark.parametrize("option", UNKNOWN)
def test_an_option_of_another_program_is_taken_out_and_reported(option):
    name = "--" + option.lstrip("-—–").split()[0].split("=")[0]
    assert parse_options(f"a red fox {option}") == TypedOptions(prompt="a red fox", unknown=(name,))
    assert parse_options(f"a fox --ar 16:9 {option} --n 2") == TypedOptions(
        prompt="a fox", ratio="16:9", images=2, unknown=(name,)
    )


@pytest.mark.parametrize("text", WORDS)
def test_everything_else_stays_as_it_was_typed(text):
    assert parse_options(text) == TypedOptions(prompt=text)
    assert not parse_options(text).any


@pytest.mark.parametrize(("options", "expected"), REFUSED)
def test_a_value_that_no_model_takes_is_refused_by_its_option(options, expected):
    with pytest.raises(InvalidRequest) as refused:
        parse_options(f"a red fox {options}")
    assert expected in invalid_sentences(refused.value.problems)


def test_a_refusal_repeats_no_words():
    with pytest.raises(InvalidRequest) as refused:
        parse_options("a fox --ar slur --n slur --seed slur --model slur --size slur")
    text = invalid_sentences(refused.value.problems)
    assert text.count("\n") == 4
    assert "slur" not in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a fox --ar 1:1 --ar 16:9", TypedOptions(prompt="a fox", ratio="16:9")),
        ("a fox --ar banana --aspect 16:9", TypedOptions(prompt="a fox", ratio="16:9")),
        ("a fox --v 6 --v 5 --s 9", TypedOptions(prompt="a fox", unknown=("--v", "--s"))),
        ("a fox, --ar 16:9, --tile, --n 4", TypedOptions(prompt="a fox,", ratio="16:9", images=4, unknown=("--tile",))),
        ("a fox\n--ar 16:9\n--no snow\n--n 2", TypedOptions(prompt="a fox", ratio="16:9", without="snow", images=2)),
        ("--ar 16:9", TypedOptions(prompt="", ratio="16:9")),
        ("--n 2 fox --ar 16:9", TypedOptions(prompt="--n 2 fox", ratio="16:9")),
        ("a fox --no snow, rain --ar 16:9", TypedOptions(prompt="a fox", without="snow, rain", ratio="16:9")),
        ("雪中的狐狸--ar 16:9", TypedOptions(prompt="雪中的狐狸", ratio="16:9")),
        ("雪の中の狐。—ar 16:9", TypedOptions(prompt="雪の中の狐。", ratio="16:9")),
        ("a fox.--ar 16:9,--n 2", TypedOptions(prompt="a fox.", ratio="16:9", images=2)),
    ],
)
def test_options_stand_together_at_the_end(text, expected):
    assert parse_options(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a fox --no snow, rain", "a fox. Without snow, rain."),
        ("a fox, --no snow", "a fox. Without snow."),
        ("a fox! --no snow", "a fox! Without snow."),
        ("一只狐狸。--no 雪", "一只狐狸。 Without 雪."),
        ("--no people", "Without people."),
        ("a fox --ar 16:9", "a fox"),
    ],
)
def test_what_is_to_be_left_out_is_said_in_the_prompt(text, words):
    assert parse_options(text).words == words


def test_what_was_chosen_comes_before_what_was_typed():
    typed = parse_options("a fox --ar 16:9 --n 4 --seed 5 --model 4.5")
    options = typed.under(GenerationOptions(prompt="a fox --ar 16:9", web_search=True))
    assert options == GenerationOptions(
        prompt="a fox", ratio="16:9", group=4, seed=5, model="doubao-seedream-4.5", web_search=True
    )
    chosen = GenerationOptions(prompt="a fox", ratio="1:1", group=2, seed=0, model=LITE, size="2K")
    assert typed.under(chosen) == chosen


def test_a_size_in_pixels_has_a_shape_of_its_own():
    in_pixels, wide = GenerationOptions(prompt="", size="2048 x 2048"), GenerationOptions(prompt="", ratio="16:9")
    assert parse_options("a fox --ar 16:9").under(in_pixels).ratio is None
    assert parse_options("a fox --size 2048x2048").under(wide).size is None
    assert parse_options("a fox --size 4K").under(wide).size == "4K"


@pytest.mark.parametrize(
    ("options", "note"),
    [
        ("", ""),
        ("--ar 16:9", ""),
        ("--v 6", "`--v` isn't supported here."),
        ("--v 6 --V 5 --stylize 100", "`--stylize` and `--v` aren't supported here."),
        ("--slur", "1 option you typed doesn't exist here."),
        ("--slur --foo 5 --hd", "`--hd` isn't supported here. 2 options you typed don't exist here."),
    ],
)
def test_the_card_names_unsupported_options(options, note):
    assert parse_options(f"a fox {options}").note() == note


def test_the_note_is_short_whatever_was_typed():
    everything = " ".join(f"--{chr(97 + n % 26)}{n}" for n in range(600))
    assert len(parse_options(f"a fox {everything} --v --s --c --q --w --p --r --iw --hd").note()) < 200
    with using_locale("de"):
        assert "--v" in parse_options("a fox --v 6").note()


# --- what always holds ------------------------------------------------------------------------------------------------

pieces = st.one_of(
    st.sampled_from(
        ["--", "—", "–", "-", " ", "\n", "=", ":", ",", ". ", "ar", "no", "v", "16:9", "5", "x", "--no x", "狐"]
    ),
    st.sampled_from([f" {option}" for option, _ in KNOWN] + [f" {option}" for option in UNKNOWN]),
    st.text(max_size=4),
)
jumbles = st.lists(pieces, max_size=14).map("".join)
plain_texts = st.text(st.characters(exclude_characters="-—–", exclude_categories=["Cs"]))


def parsed(text: str) -> TypedOptions:
    try:
        return parse_options(text)
    except InvalidRequest:
        return TypedOptions(prompt="")


@given(plain_texts)
def test_a_text_without_dashes_is_the_prompt(text):
    assert parse_options(text) == TypedOptions(prompt=text)


@given(plain_texts, st.lists(st.sampled_from(KNOWN), min_size=1, max_size=5), st.lists(st.sampled_from(UNKNOWN)))
def test_the_text_before_options_is_the_prompt(text, known, unknown):
    options = " ".join([*(option for option, _ in known), *unknown])
    typed = parse_options(f"{text} {options}")
    assert typed.prompt == text.rstrip()
    values = {field: value for _, fields in known for field, value in fields.items()}
    assert {field: getattr(typed, field) for field in values} == values


@given(jumbles)
def test_nothing_but_a_refusal_is_raised_and_what_is_left_has_no_options(text):
    typed = parsed(text)
    assert text.startswith(typed.prompt)
    assert parse_options(typed.prompt) == TypedOptions(prompt=typed.prompt)
    assert typed.any or typed.prompt in {text, ""}


@pytest.mark.parametrize(
    "piece",
    ["-", "--", " --", " --ar ", "—", " —", " —ar ", " --a", " --no ", " --model 4 5 6", " --foo 5 6", "--a_", " ",
     "5 ", " --size 2048 x", "狐--", " --ar=", "1", " --v " + "5 " * 50, " --" + "a-" * 11, "https://"],
)  # fmt: skip
def test_hostile_texts_take_no_time(piece):
    load()  # as when the bot starts
    text = ("a fox --v " + piece * 4000)[:4000]
    for hostile in (text, text[::-1], text + " --ar 16:9"):
        assert cpu_seconds(partial(parsed, hostile)) < 0.1


def test_every_label_and_its_own_words_name_a_model():
    for name, model in MODELS.items():
        assert parse_options(f"a fox --model {model.label}").model == name
        assert parse_options(f"a fox --model {name}").model == name
