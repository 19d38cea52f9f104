"""Models from files: the built-in one, and an operator's."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream import MODELS, ImageRequest, find_model
from seedream.model_files import MAX_FILE_BYTES, ModelFileError, ModelTables
from seedream.models import BUILT_IN, use_models_file

NEW = """
[models."acme-paint-1"]
label = "Acme Paint"
aliases = ["acme"]
wire_ids = ["acme-paint-1-270101"]
since = 2027-01-01
presets = ["1K"]
default_size = "1024x1024"
sizes = { "1K" = "1K" }
pixels = [921_600, 2_000_000]
references = [0, 2]
"""


@pytest.fixture(autouse=True)
def _built_in_again():
    yield
    use_models_file(None)


@pytest.fixture
def models_file(tmp_path):
    def written(text: str | bytes):
        path = tmp_path / "models.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return written


def problems(path) -> tuple[str, ...]:
    with pytest.raises(ModelFileError) as caught:
        use_models_file(path)
    return caught.value.problems


def test_a_file_adds_a_model(models_file):
    use_models_file(models_file(NEW))
    assert list(MODELS)[-1] == "acme-paint-1"
    assert find_model("Acme") is MODELS["acme-paint-1"]
    assert ImageRequest(prompt="x", model="acme", size="1K", ratio="16:9").wire_size == "1280x720"


def test_a_new_model_may_be_like_another_and_says_only_what_differs(models_file):
    use_models_file(
        models_file("""
        [models."seedream-6"]
        like = "doubao-seedream-4.5"
        label = "SeeDream 6"
        wire_ids = ["doubao-seedream-6-0-270101"]
        seed = true
    """)
    )
    new, old = MODELS["seedream-6"], MODELS["doubao-seedream-4.5"]
    changed = {name for name, value in new if value != getattr(old, name)}
    assert changed == {"name", "label", "wire_ids", "since", "seed"}


def test_a_known_model_is_changed_key_by_key(models_file):
    before = MODELS["doubao-seedream-4.5"]
    use_models_file(models_file('[models."doubao-seedream-4.5"]\nprice = 3\noffered = false'))
    assert MODELS["doubao-seedream-4.5"] == before.model_copy(update={"price": 3, "offered": False})
    use_models_file(None)
    assert MODELS["doubao-seedream-4.5"] == before


def test_a_table_of_sizes_may_be_named_or_written_out(models_file):
    pairs = 'sizes = { "1K" = "mine" }\n'
    table = "\n".join(
        f'"{ratio}" = "1024x1024"' for ratio in ("1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3", "21:9")
    )
    use_models_file(models_file(NEW.replace('sizes = { "1K" = "1K" }\n', pairs) + f"\n[size_tables.mine]\n{table}"))
    assert str(MODELS["acme-paint-1"].sizes["1K"]["16:9"]) == "1024x1024"


MISTAKES = {
    "a key that there isn't": (
        NEW + "refrences = [0, 2]",
        'models."acme-paint-1".refrences: no such key (did you mean references?)',
    ),
    "a missing key": (NEW.replace('label = "Acme Paint"\n', ""), 'models."acme-paint-1".label: this key is missing'),
    "a range the wrong way round": (
        NEW.replace("[921_600, 2_000_000]", "[2_000_000, 921_600]"),
        'models."acme-paint-1".pixels: the first number is larger than the second',
    ),
    "a range that its sizes are not in": (
        NEW.replace("[921_600, 2_000_000]", "[1, 2]"),
        'models."acme-paint-1": sizes.1K contains 1024x1024, which `pixels` or `sides` excludes',
    ),
    "a preset without pixels": (
        NEW.replace('presets = ["1K"]', 'presets = ["1K", "2K"]'),
        'models."acme-paint-1": sizes has no pixels for the preset 2K',
    ),
    "a name that another model has": (
        NEW.replace('aliases = ["acme"]', 'aliases = ["pro"]'),
        'models."acme-paint-1": “pro” already stands for doubao-seedream-5.0-pro',
    ),
    "a name that can be none": (NEW.replace('acme-paint-1"]', 'ACME PAINT"]'), "this isn't a valid name"),
    "a price that is no whole number": (NEW + "price = 0.5", 'models."acme-paint-1".price: it should be'),
    "a key at the top": ('default = "acme"' + NEW, "default: no such key; a models file has [models]"),
    "a model like none": (
        '[models."x-1"]\nlike = "y"\nlabel = "X"\nwire_ids = ["x"]',
        'models."x-1".like: there is no model “y” to copy from',
    ),
    "the same name twice": (NEW + NEW, "it isn't valid TOML: Cannot declare"),
    "no TOML": ("models = ", "it isn't valid TOML: "),
    "no table": ("models = 3", "models: this is a table of tables"),
    "no text": (b"\xff\xfe", "it isn't valid TOML: "),
}


@pytest.mark.parametrize(("text", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_a_line_with_the_key_and_nothing_changes(models_file, text, told):
    before = dict(MODELS)
    lines = problems(models_file(text))
    assert any(told in line for line in lines), lines
    assert not any("\n" in line for line in lines)
    assert dict(MODELS) == before


OVERRIDE = '[models."doubao-seedream-4.5"]\n'


@pytest.mark.parametrize(
    "key",
    [
        "references = [-1, 3]",
        "references = [20, 30]",
        "references = [0, 1000000000000]",
        "reference_formats = []",
        'reference_formats = ["svg"]',
        'output_formats = ["tiff"]',
        'optimize_prompt = ["a b"]',
        "pixels = [1, 10000000000000000000000]",
        "guidance = [1, inf, 5]",
        'presets = ["2K", "2K"]',
        'presets = ["0K"]',
        'label = "two\\nlines"',
        'label = "\\u202Ebackwards"',
        'name = "x"',
    ],
)
def test_what_no_picture_can_be_asked_for_with_is_told(models_file, key):
    [line] = problems(models_file(OVERRIDE + key))
    assert key.split()[0] in line


def test_a_name_of_two_lines_is_told_in_one(models_file):
    lines = problems(models_file('[models."a\\nb"]\nlike = "doubao-seedream-4.5"\n'))
    assert lines
    assert not any("\n" in line for line in lines)


def test_ten_thousand_mistakes_are_one(models_file):
    assert len(problems(models_file("".join(f'[models."m-{n}"]\n' for n in range(10_000))))) == 1


def test_every_mistake_is_told_at_once(models_file):
    lines = problems(models_file(NEW.replace("references = [0, 2]", "references = 3") + "colour = 1\nprice = -1"))
    assert len(lines) == 3


def test_a_file_that_is_missing_or_far_too_large_is_told(models_file, tmp_path):
    assert problems(tmp_path / "absent.toml") == ("the file can't be read: No such file or directory",)
    assert problems(tmp_path) == ("the file can't be read: Is a directory",)
    assert "larger than" in problems(models_file(b"#" * (MAX_FILE_BYTES + 1)))[0]


def test_there_are_never_more_models_than_discord_can_show(models_file):
    many = "".join(
        f'[models."x-{n}"]\nlike = "doubao-seedream-4.5"\nlabel = "X {n}"\nwire_ids = ["x-{n}"]\n' for n in range(30)
    )
    assert "at most 24" in problems(models_file(many))[0]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    )
)
def test_whatever_a_key_holds_is_taken_or_told(value):
    tables = ModelTables()
    tables.read(BUILT_IN)
    for key in ("label", "sizes", "pixels", "references", "guidance", "price_above", "wire_ids", "since"):
        tables._models["doubao-seedream-4.5"] |= {key: value}
    with contextlib.suppress(ModelFileError):
        assert tables.models()
