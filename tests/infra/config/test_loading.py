"""Settings: what is read, and what is said of what can't be."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from infra.config.ceiling import ceiling_sentence, is_chosen
from infra.config.display import shown
from infra.config.loading import ConfigurationError, load_settings
from infra.config.settings import DEFAULT_DAILY_LIMIT, NAMES, Settings
from seedream.env_file import UnreadableFileError, read_env_file
from studio.quota.limits import Ceilings
from studio.quota.prices import ModelPrice

TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"
KEY = "f3a9c1d27b6e4805"
REQUIRED = {"DISCORD_TOKEN": TOKEN, "SEEDREAM_API_KEY": KEY}


def load(file: Path | None = None, **environ: str) -> Settings:
    return load_settings(file, REQUIRED | environ)


def problems(file: Path | None = None, **environ: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load(file, **environ)
    return caught.value.problems


def outcome(environ: dict[str, str]) -> Settings | tuple[str, ...]:
    try:
        return load_settings(None, environ)
    except ConfigurationError as error:
        return error.problems


def only_problem(**environ: str) -> str:
    (problem,) = problems(**environ)
    return problem


@pytest.fixture
def env_file(tmp_path):
    def write(content: str | bytes) -> Path:
        file = tmp_path / ".env"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    return write


def test_two_secrets_are_enough():
    settings = load()
    assert settings.discord_token.get_secret_value() == TOKEN
    assert settings.seedream_api_key.get_secret_value() == KEY
    assert (settings.provider.name, settings.api_address) == ("xhuoapi", "https://api.xhuoapi.ai/v1")
    assert settings.default_model == "doubao-seedream-5.0-lite"
    assert (settings.default_size, settings.watermark, settings.max_in_flight) == ("2K", False, 8)
    assert (settings.image_input, settings.grace, settings.log_level) == ("base64", 25, "INFO")
    assert settings.data_dir == Path("data")


def test_the_example_file_names_every_setting_with_its_purpose_and_default():
    example = Path(__file__).parents[3] / ".env.example"
    head, *entries = example.read_text().strip().split("\n\n")
    assert head.startswith("# Copy to .env")
    assert len(entries) == len(NAMES)
    for entry, (field, info) in zip(entries, Settings.model_fields.items(), strict=True):
        line = f"{field.upper()}=" if info.is_required() else f"#{field.upper()}={shown(info.default)}"
        assert entry == f"# {info.description}\n{line}"


def test_the_example_file_with_everything_switched_on_gives_the_defaults(env_file):
    lines = (Path(__file__).parents[3] / ".env.example").read_text().splitlines()
    switched_on = "\n".join(line.removeprefix("#") for line in lines if not line.startswith("# "))
    assert load(env_file(switched_on)).model_dump() == load().model_dump()


@pytest.mark.parametrize(
    "content",
    [
        f"\ufeffDISCORD_TOKEN={TOKEN}\r\nSEEDREAM_API_KEY={KEY}\r\nGRACE=3\r\n",
        f'DISCORD_TOKEN="{TOKEN}"\nSEEDREAM_API_KEY=\'{KEY}\'\nGRACE="3" # a comment',
        f"export DISCORD_TOKEN = {TOKEN}  \n\n# note\nseedream_api_key={KEY}\ngrace=3",
    ],
    ids=["a byte order mark and Windows line ends", "quotes", "export, spaces and lower case"],
)
def test_files_are_read_as_people_leave_them(env_file, content):
    settings = load_settings(env_file(content), {})
    assert settings.discord_token.get_secret_value() == TOKEN
    assert settings.seedream_api_key.get_secret_value() == KEY
    assert settings.grace == 3


def test_a_dollar_in_a_value_means_itself(env_file):
    settings = load_settings(env_file(f"DISCORD_TOKEN={TOKEN}\nSEEDREAM_API_KEY=a${{HOME}}b"), {})
    assert settings.seedream_api_key.get_secret_value() == "a${HOME}b"


def test_the_environment_wins_over_the_file_but_an_empty_value_is_none(env_file):
    file = env_file("GRACE=1\nMAX_IN_FLIGHT=2\nLOG_LEVEL=\n")
    settings = load(file, GRACE="3", MAX_IN_FLIGHT="  ")
    assert (settings.grace, settings.max_in_flight, settings.log_level) == (3, 2, "INFO")


def test_a_problem_says_which_file_a_value_is_from(env_file):
    file = env_file("GRACE=601")
    (problem,) = problems(file)
    assert problem.startswith(f"GRACE “601” (from {file}) is invalid. ")


def test_a_file_that_is_not_there_has_no_settings(tmp_path):
    assert load(tmp_path / ".env") == load()


def test_what_is_missing_is_told_with_where_to_get_it():
    with pytest.raises(ConfigurationError) as caught:
        load_settings(None, {})
    token, key = caught.value.problems
    assert token.startswith("DISCORD_TOKEN is missing. ")
    assert "https://discord.com/developers/applications" in token
    assert token.endswith("Set it in .env or in the environment.")
    assert "https://platform.acedata.cloud" in key


def test_every_problem_is_told_at_once(env_file):
    file = env_file("GRACE=-1\nCOLOUR=red\nthis line is broken\nDISCORD_API_URL=http://localhost:1")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(file, {"MAX_INFLIGHT": "8", "DISCORD_TOKEN": f"Bot {TOKEN}", "LOG_FORMAT": "xml"})
    told = str(caught.value)
    assert "line 3" in told
    for name in ("MAX_INFLIGHT", "DISCORD_TOKEN", "SEEDREAM_API_KEY", "LOG_FORMAT"):
        assert any(problem.startswith(name) for problem in caught.value.problems), told


def test_a_problem_says_what_was_given_from_where_and_what_is_allowed():
    assert only_problem(MAX_IN_FLIGHT="1001") == (
        "MAX_IN_FLIGHT “1001” (from the environment) is invalid. "
        "API requests at once, across all processes: a whole number from 1 to 1000."
    )


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("MAX_IN_FLIGHT", "0"),
        ("MAX_IN_FLIGHT", "many"),
        ("MAX_IN_FLIGHT", "2.5"),
        ("GRACE", "nan"),
        ("GRACE", "inf"),
        ("GRACE", "601"),
        ("WATERMARK", "perhaps"),
        ("IMAGE_INPUT", "file"),
        ("LOG_LEVEL", "LOUD"),
        ("DEFAULT_MODEL", "dall-e"),
        ("DEFAULT_SIZE", "huge"),
        ("DEFAULT_SIZE", "8K"),
        ("DEFAULT_SIZE", "10x10"),
        ("DATABASE_URL", "data/bot.db"),
        ("DATABASE_URL", "mysql:///data/bot.db"),
        ("ALLOW_LOCAL_URLS", "2"),
        ("SEEDREAM_BASE_URL", "http://api.acedata.cloud"),
        ("SEEDREAM_BASE_URL", "api.acedata.cloud"),
        ("SEEDREAM_BASE_URL", "https://"),
        ("SEEDREAM_BASE_URL", "https://[::1"),
        ("SEEDREAM_BASE_URL", "https://host:99999"),
        ("SEEDREAM_BASE_URL", "https://host/?a=b"),
        ("SEEDREAM_BASE_URL", "http://127.0.0.1:8080"),
        ("DISCORD_GATEWAY_URL", "https://gateway.discord.gg"),
        ("PUBLIC_URL", "bot.example"),
        ("PUBLIC_URL", "http://bot.example"),
        ("PUBLIC_URL", "http://127.0.0.1:8080"),
        ("PUBLIC_URL", "https://bot.example/?a=b"),
        ("WEB_HOST", "http://127.0.0.1"),
        ("WEB_HOST", "127.0.0.1:8080"),
        ("WEB_HOST", "*"),
        ("WEB_PORT", "-1"),
        ("WEB_PORT", "65536"),
        ("WEB_PORT", "http"),
        ("MODEL_PRICES", "2"),
        ("MODEL_PRICES", "dall-e=2"),
        ("MODEL_PRICES", "doubao-seedream-4.0=0.5"),
        ("MODEL_PRICES", "doubao-seedream-4.0=1001"),
        ("MODEL_PRICES", "4.0=1, doubao-seedream-4.0=2"),
        ("MODEL_PRICES", "4.0>2.6MP=2"),
        ("MODEL_PRICES", "4.0:references=1"),
        ("OPERATOR_DAILY_LIMIT", "-1"),
        ("OPERATOR_DAILY_LIMIT", "1000000001"),
        ("OPERATOR_DAILY_LIMIT", "none"),
        ("PERSONAL_DAILY_LIMIT", "2.5"),
        ("PERSONAL_USE", "maybe"),
        ("SERVERS_ALLOWED", "my server"),
        ("SERVERS_ALLOWED", "100000000000000001;100000000000000002"),
        ("SERVERS_ALLOWED", "100000000000000001,"),
        ("SERVERS_ALLOWED", "0"),
        ("SERVERS_ALLOWED", "-100000000000000001"),
        ("SERVERS_ALLOWED", "99999999999999999999"),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(name, wrong):
    assert only_problem(**{name: wrong}).startswith(f"{name} “{shown(wrong)}” ")


SLIPS = {
    "DISCORD_TOKN": "DISCORD_TOKEN", "discordtoken": "DISCORD_TOKEN", "DSICORD_TOKEN": "DISCORD_TOKEN",
    "SEEDREAM_APIKEY": "SEEDREAM_API_KEY", "MAX_INFLIGHT": "MAX_IN_FLIGHT", "MAX_IN_FLIHGT": "MAX_IN_FLIGHT",
    "DATABSE_URL": "DATABASE_URL", "DATABASE_URI": "DATABASE_URL", "OPERATOR_DAYLY_LIMIT": "OPERATOR_DAILY_LIMIT",
    "DEFAULT_MODLE": "DEFAULT_MODEL", "MODEL_PRICE": "MODEL_PRICES", "SECRETKEY": "SECRET_KEY",
}  # fmt: skip
SLIPS_OF_SHORT_NAMES = {"LOGLEVEL": "LOG_LEVEL", "WEBPORT": "WEB_PORT", "WEB_PROT": "WEB_PORT", "SHARD_ID": "SHARD_IDS"}
RESEMBLING = [
    "LOG_TIMEFORMAT", "DATABASE_SSL", "PROXY_USER", "DISCORD_URL", "DEFAULT_SITE", "MODEL_FILE", "SHARD", "SHARES",
    "PERSONAL_LIMIT", "DISCORD_TOKEN_FILE", "DISCORD_TOKEN_OLD", "DISCORD_TOKEN_BACKUP", "DISCORD_TOKEN2",
    "SEEDREAM_API_KEY_2", "DATABASE_URL_TEST", "OLD_DISCORD_TOKEN", "DISCORD_APP_URL", "WEB_POST", "PUBLIC_DIR",
    "DATABASE_SCHEMA", "LOG_FILE", "MODELS_DIR", "DISCORD_BOT_TOKEN", "SEEDREAM_KEY", "OPERATOR_LIMIT",
]  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS | SLIPS_OF_SHORT_NAMES)
def test_a_slip_in_the_file_is_an_error_that_names_what_was_meant(env_file, slip):
    file, meant = env_file(f"{slip}=1"), (SLIPS | SLIPS_OF_SHORT_NAMES)[slip]
    assert problems(file) == (f"{slip} (from {file}) is not a setting of this bot. Did you mean {meant}?",)


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_the_environment_is_an_error_if_what_was_meant_is_missing_and_else_a_note(slip):
    environ = {name: value for name, value in REQUIRED.items() if name != SLIPS[slip]} | {slip: "1"}
    told = outcome(environ)
    assert isinstance(told, tuple)
    assert told[0] == f"{slip} (from the environment) is not a setting of this bot. Did you mean {SLIPS[slip]}?"
    if SLIPS[slip] in REQUIRED:
        note = f"{slip} (from the environment) is not a setting of this bot and is ignored. Did you mean {SLIPS[slip]}?"
        assert load(**{slip: "1"}).notes == (note,)


@pytest.mark.parametrize("name", [*RESEMBLING, *SLIPS_OF_SHORT_NAMES])
def test_a_name_in_the_environment_that_only_resembles_ours_never_stops_the_start(env_file, name):
    assert all(note.startswith(f"{name} (from the environment) ") for note in load(**{name: "1"}).notes)
    if name not in SLIPS_OF_SHORT_NAMES:
        assert all(note.startswith(f"{name} (from ") for note in load(env_file(f"{name}=1")).notes)


@pytest.mark.parametrize("name", ["DISCORD_BOT_TOKEN", "DISCORD_TOKN"])
def test_what_resembles_a_required_name_that_is_missing_is_probably_that(env_file, name):
    for file, environ in ((env_file(f"{name}={TOKEN}"), {}), (None, {name: TOKEN})):
        with pytest.raises(ConfigurationError, match=f"{name} .*Did you mean DISCORD_TOKEN"):
            load_settings(file, {"SEEDREAM_API_KEY": KEY} | environ)


@pytest.mark.parametrize("name", ["PATH", "HOME", "BASE_URL", "TRACE", "TOKEN", "LANG", "DISCORD_CLIENT_ID", "MODEL"])
def test_other_names_of_the_environment_are_none_of_our_business(name):
    assert load(**{name: "whatever"}) == load()


OTHERS = {
    "POSTGRES_PASSWORD": "abc", "POSTGRES_USER": "bot", "POSTGRES_DB": "bot",
    "PGHOST": "x", "SSL_CERT_FILE": "x", "TZ": "Asia/Shanghai",
    "FTP_PROXY": "ftp://proxy:21", "NO_PROXY": "*",
    "COMPOSE_PROFILES": "callbacks", "PYTHONUNBUFFERED": "1", "NODE_ENV": "production", "REDIS_URL": "redis://x",
    "PORT": "1", "MPLCONFIGDIR": "mpl", "BASE_URL": "x", "TRACE": "1", "DATABASE_USER": "u", "DATABASE_HOST": "h",
    "APP_SECRET_KEY": "s", "NEXT_PUBLIC_URL": "u", "SECRET_KEY_BASE": "s", "DISCORD_CLIENT_ID": "1", "ZZZ": "1",
    "SEEDREAM_BOT_SERVICE_HOST": "10.0.0.1", "SEEDREAM_BOT_PORT": "tcp://10.0.0.1:80", "WEB_SERVICE_HOST": "10.0.0.1",
    "WEB_PORT_80_TCP_ADDR": "10.0.0.1", "WEB_SERVICE_PORT_HTTP": "80", "KUBERNETES_PORT": "tcp://10.0.0.1:443",
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_other_programs_names_are_left_alone_in_the_file_and_in_the_environment(env_file, name):
    assert load(env_file(f"{name}={OTHERS[name]}")) == load(**{name: OTHERS[name]}) == load()


@pytest.mark.parametrize("name", ["PGPASSWORD", "PGSSLPASSWORD"])
def test_a_password_of_the_database_is_a_secret_wherever_it_is_set(env_file, name):
    for settings in (load(env_file(f"{name}=open#sesame")), load(**{name: "open#sesame"})):
        assert {"open#sesame", "open%23sesame"} <= {secret.get_secret_value() for secret in settings.secrets}


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_the_address_of_a_kubernetes_service_called_web_is_no_port_to_listen_at(env_file, protocol):
    service = {"WEB_PORT": f"{protocol}://10.96.7.1:80"}
    assert load(**service).web_port is None
    assert load(env_file("WEB_PORT=9000"), **service).web_port == 9000
    assert load(env_file(f"WEB_PORT={service['WEB_PORT']}")).web_port is None


@pytest.mark.parametrize("password", ["a/b", "a#b", "a?b", "100%", "a b", "a:b", "a[b]", "a$b", "a'b", "a\\b", "a%40b"])
def test_a_password_in_the_databases_address_is_what_is_written_there(password):
    url = load(DATABASE_URL=f"postgresql://bot:{password}@db.example:5432/bot?sslmode=require").database_url
    assert make_url(url).password == password.replace("%40", "@")
    assert make_url(url).host == "db.example"


@pytest.mark.parametrize("password", ["a@b", "@", "a@b:c", "a@b/c", "a?b@c", "a@b?c", "p@5432"])
def test_an_at_in_a_password_is_named_with_how_to_write_it(password):
    problem = only_problem(DATABASE_URL=f"postgresql://bot:{password}@db.example:5432/bot")
    assert "write @ as %40" in problem
    assert f":{password}@" not in problem


@pytest.mark.parametrize(
    ("wrong", "what"),
    [("1234567890123456789", "id"), ("0123456789abcdef" * 4, "public key"), ("a1B2-_c3" * 4, "client secret")],
)
def test_what_is_copied_in_place_of_the_token_is_named(wrong, what):
    problem = only_problem(DISCORD_TOKEN=wrong)
    assert f"it looks like the application's {what}; on the page Bot, press Reset Token" in problem


@pytest.mark.parametrize("name", ["DISCORD_TOKEN", "SEEDREAM_API_KEY", "SECRET_KEY"])
def test_a_secret_of_a_few_letters_is_refused_as_it_would_be_masked_all_over_the_log(name):
    assert "it has only 7 characters" in only_problem(**{name: "a.b.c.d"})


def test_an_escape_in_double_quotes_is_named(env_file):
    problem = str(problems(env_file('SECRET_KEY="0123456789\\t0123456789\\n0123456789"')))
    assert "in single quotes" in problem
    assert "0123456789" not in problem


@pytest.mark.parametrize("wrong", [f"Bot {TOKEN}", f"bearer {TOKEN}", f"'{TOKEN}'", f"{TOKEN}\t{TOKEN}", f"{TOKEN}…"])
def test_a_secret_that_was_copied_badly_is_refused_and_never_shown(wrong):
    for name in (*REQUIRED, "SECRET_KEY"):
        problem = only_problem(**{name: wrong})
        assert problem.startswith(f"{name} (from the environment) is invalid: it ")
        assert TOKEN not in problem


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize(
    ("name", "value"),
    [("WEB_PORT", "8080"), ("DATABASE_URL", "postgresql://bot:sesame@db/bot"), ("HTTPS_PROXY", "http://me:sesame@p:1")],
)
def test_quotes_that_docker_keeps_around_a_value_are_named(name, value, quote):
    problem = problems(**{name: f"{quote}{value}{quote}"})[0]
    assert "it is in quotes" in problem
    assert "sesame" not in problem


@pytest.mark.parametrize("written", ["postgresql://bot:${POSTGRES_PASSWORD}@db/bot", "${POSTGRES_PASSWORD:-x}"])
def test_what_only_compose_replaces_is_named(env_file, written):
    file = env_file(f"POSTGRES_PASSWORD=open#sesame\nDATABASE_URL={written}")
    assert problems(file)[0].startswith(f"DATABASE_URL (from {file}) has ${{POSTGRES_PASSWORD}} in it, which only ")
    assert "sesame" not in str(problems(file))


def test_a_value_that_is_another_variables_name_is_named(env_file):
    file = env_file("BOT_TOKEN=1\nSECRET_KEY=$BOT_TOKEN\nPROXY_URL=http://me:a$PATH@one.example:1")
    assert [problem.partition(" (")[0] for problem in problems(file)] == ["SECRET_KEY", "SECRET_KEY"]
    assert load(env_file("PROXY_URL=http://me:a${NOTHING}@one.example:1")).proxies.by_scheme


@given(st.text(min_size=1, max_size=60))
def test_no_problem_ever_shows_a_secret(text):
    secret = f"sesame{text}sesame"
    settings = outcome({"DISCORD_TOKEN": secret, "SEEDREAM_API_KEY": secret, "SECRET_KEY": secret})
    assert "sesame" not in repr(settings)


@given(name=st.sampled_from(NAMES), value=st.text(max_size=200))
def test_any_value_is_taken_or_refused_in_plain_lines(name, value):
    settings = outcome(REQUIRED | {name: value})
    if isinstance(settings, tuple):
        assert settings
        assert all(problem.startswith(name) and problem.isprintable() for problem in settings)


@pytest.mark.parametrize(
    ("given_model", "model"),
    [("4.5", "doubao-seedream-4.5"), ("doubao-seedream-4-0-250828", "doubao-seedream-4.0")],
)
def test_models_go_by_any_of_their_names(given_model, model):
    assert load(DEFAULT_MODEL=given_model).default_model == model


def test_sizes_are_presets_or_pixels():
    assert load(DEFAULT_SIZE="4k").default_size == "4K"
    assert load(DEFAULT_SIZE="2304 X 1728").default_size == "2304x1728"


def test_words_of_choice_may_be_in_any_case():
    settings = load(LOG_LEVEL="debug", LOG_FORMAT="JSON", IMAGE_INPUT="URL", WATERMARK="On")
    assert (settings.log_level, settings.log_format, settings.image_input) == ("DEBUG", "json", "url")
    assert settings.watermark is True


def test_shards_are_all_of_a_count_or_some_of_it_or_as_many_as_discord_asks_for():
    assert [(one.shards, one.shard_count, one.shard_ids) for one in (load(), load(SHARDS="AUTO"))] == [
        (None, None, None),
        ("auto", None, None),
    ]
    assert load(SHARD_COUNT="4").shard_ids is None
    shared = {"SHARD_COUNT": "4", "DATABASE_URL": "postgresql://host/bot"}
    for text, ids in {"0": (0,), "3,1": (3, 1), "0-3": (0, 1, 2, 3), " 0 - 1 , 3 ": (0, 1, 3)}.items():
        settings = load(**shared, SHARD_IDS=text)
        assert (settings.shard_count, settings.shard_ids) == (4, ids)


@pytest.mark.parametrize(
    ("wrong", "name", "why"),
    [
        ({"SHARD_IDS": "0"}, "SHARD_IDS", "SHARD_COUNT is missing"),
        ({"SHARD_COUNT": "2", "SHARD_IDS": "0,2"}, "SHARD_IDS", "there is no shard 2 when SHARD_COUNT is 2"),
        ({"SHARD_COUNT": "2", "SHARD_IDS": "0,0"}, "SHARD_IDS", "it names shard 0 twice"),
        ({"SHARD_COUNT": "4", "SHARD_IDS": "0-2,1-3"}, "SHARD_IDS", "it names shard 1 twice"),
        ({"SHARD_COUNT": "4", "SHARD_IDS": "3-1"}, "SHARD_IDS", "the range 3-1 goes down"),
        ({"SHARD_COUNT": "4", "SHARD_IDS": "0,"}, "SHARD_IDS", "neither a shard id nor a range"),
        ({"SHARD_COUNT": "4", "SHARD_IDS": "0-99999999"}, "SHARD_IDS", "neither a shard id nor a range"),
        ({"SHARD_COUNT": "2", "SHARD_IDS": "0"}, "SHARD_IDS", "set DATABASE_URL to a PostgreSQL database"),
        ({"SHARDS": "auto", "SHARD_IDS": "0"}, "SHARD_IDS", "with SHARDS=auto, this process serves every shard"),
        ({"SHARDS": "auto", "SHARD_COUNT": "2"}, "SHARD_COUNT", "with SHARDS=auto, Discord chooses the count"),
        ({"SHARDS": "2"}, "SHARDS", "auto, which serves as many shards as Discord recommends"),
        ({"SHARD_COUNT": "0"}, "SHARD_COUNT", "a whole number from 1 to"),
        ({"SHARD_COUNT": "many", "SHARD_IDS": "0"}, "SHARD_COUNT", "a whole number from 1 to"),
    ],
)
def test_shards_that_cannot_be_are_told_in_one_sentence(wrong, name, why):
    problem = only_problem(**wrong)
    assert problem.startswith(f"{name} “{wrong[name]}” ")
    assert why in problem


@given(count=st.integers(1, 40), data=st.data())
def test_any_way_of_naming_shards_names_each_once(count, data):
    wanted = data.draw(st.lists(st.integers(0, count - 1), min_size=1, unique=True))
    text = ",".join(data.draw(st.sampled_from([f"{one}", f" {one} ", f"{one}-{one}"])) for one in wanted)
    shared = {"SHARD_COUNT": str(count), "DATABASE_URL": "postgresql://host/bot"}
    assert load(**shared, SHARD_IDS=text).shard_ids == tuple(wanted)


def test_a_local_world_may_be_plain_but_only_on_this_machine():
    world = {
        "ALLOW_LOCAL_URLS": "true",
        "SEEDREAM_BASE_URL": "http://127.0.0.1:8080/",
        "DISCORD_API_URL": "http://localhost:8081/api/v10",
        "DISCORD_GATEWAY_URL": "ws://[::1]:8082",
    }
    settings = load(**world)
    assert settings.seedream_base_url == "http://127.0.0.1:8080"
    assert settings.discord_gateway_url == "ws://[::1]:8082"
    assert only_problem(**world | {"SEEDREAM_BASE_URL": "http://10.0.0.1"}).startswith("SEEDREAM_BASE_URL")


@pytest.mark.parametrize(
    ("given_settings", "address"),
    [
        ({}, "https://api.xhuoapi.ai/v1"),
        ({"SEEDREAM_BASE_URL": "https://api.xhuoapi.ai/"}, "https://api.xhuoapi.ai/v1"),
        ({"SEEDREAM_PROVIDER": "AceData"}, "https://api.acedata.cloud"),
        ({"SEEDREAM_PROVIDER": "ark"}, "https://ark.cn-beijing.volces.com/api/v3"),
        ({"SEEDREAM_BASE_URL": "https://reseller.example/v2/"}, "https://reseller.example/v2"),
    ],
)
def test_the_provider_brings_its_address_unless_another_is_given(given_settings, address):
    assert load(**given_settings).api_address == address


def test_a_provider_that_there_is_not_is_refused_with_the_nearest():
    assert "Did you mean modelark" in only_problem(SEEDREAM_PROVIDER="model-ark")


def test_a_management_key_is_refused_with_where_the_right_one_is_made():
    problem = only_problem(SEEDREAM_API_KEY="platform-4711")
    assert "management API" in problem
    assert "https://platform.xhuoapi.ai" in problem
    assert "4711" not in problem


@pytest.mark.parametrize(
    "address",
    ["wss://proxy.example/shards/", "wss://proxy.example/shards", "wss://proxy.example/", "wss://proxy.example"],
)
def test_the_path_of_the_gateway_stays_as_it_is_written(address):
    assert load(DISCORD_GATEWAY_URL=address).discord_gateway_url == address


@pytest.mark.parametrize(
    ("given_settings", "why"),
    [
        ({"DELIVERY": "callback"}, "it needs PUBLIC_URL"),
        ({"DELIVERY": "poll", "SEEDREAM_PROVIDER": "ark"}, "Volcengine Ark has no tasks to poll"),
        ({"DELIVERY": "callback", "SEEDREAM_PROVIDER": "modelark"}, "BytePlus ModelArk doesn't support callbacks"),
        ({"DELIVERY": "pigeon"}, "is invalid"),
    ],
)
def test_a_way_that_the_provider_does_not_offer_is_refused(given_settings, why):
    assert why in only_problem(**given_settings)


def test_a_models_file_counts_for_the_settings_that_name_models(tmp_path):
    path = tmp_path / "models.toml"
    path.write_text('[models."acme-1"]\nlike = "doubao-seedream-4.5"\nlabel = "Acme"\nwire_ids = ["acme-1"]\n')
    settings = load(MODELS_FILE=str(path), DEFAULT_MODEL="acme", MODEL_PRICES="acme=3")
    assert settings.default_model == "acme-1"
    assert "there is no such model" in only_problem(DEFAULT_MODEL="acme")


def test_a_mistake_in_a_models_file_is_one_plain_line_with_the_key(tmp_path):
    path = tmp_path / "models.toml"
    path.write_text('[models."doubao-seedream-4.5"]\nprise = 3\n')
    problem = only_problem(MODELS_FILE=str(path))
    assert f"MODELS_FILE “{path}” (from the environment)" in problem
    assert 'models."doubao-seedream-4.5".prise: no such key (did you mean price?)' in problem
    assert "can't be read: No such file" in only_problem(MODELS_FILE=str(tmp_path / "absent.toml"))


def test_a_public_address_needs_a_secret_key_and_says_how_to_make_one():
    problem = only_problem(PUBLIC_URL="https://bot.example")
    assert problem.startswith("SECRET_KEY is missing. ")
    assert "openssl rand -hex 32" in problem
    settings = load(PUBLIC_URL="https://bot.example/", SECRET_KEY="k" * 32)
    assert (settings.public_url, settings.secret_key.get_secret_value()) == ("https://bot.example", "k" * 32)


@pytest.mark.parametrize("public", [{}, {"PUBLIC_URL": "https://bot.example"}])
def test_a_secret_key_that_is_too_short_is_refused_and_not_shown(public):
    problem = only_problem(SECRET_KEY="sesame" * 5, **public)
    assert problem.startswith("SECRET_KEY (from the environment) is invalid: it has only 30 characters. ")
    assert "32 characters or more" in problem
    assert "sesame" not in problem


def test_a_public_address_may_be_plain_in_a_local_world():
    local = {"ALLOW_LOCAL_URLS": "true", "SECRET_KEY": "k" * 32}
    assert load(PUBLIC_URL="http://127.0.0.1:8080", **local).public_url == "http://127.0.0.1:8080"
    assert only_problem(PUBLIC_URL="http://bot.example", **local).startswith("PUBLIC_URL")


@pytest.mark.parametrize(
    ("given_settings", "port"),
    [
        ({}, None),
        ({"WEB_PORT": "0"}, 0),
        ({"WEB_PORT": "9000"}, 9000),
        ({"PUBLIC_URL": "https://bot.example", "SECRET_KEY": "k" * 32}, 8080),
        ({"PUBLIC_URL": "https://bot.example", "SECRET_KEY": "k" * 32, "WEB_PORT": "0"}, 0),
    ],
)
def test_there_is_a_web_server_where_results_are_posted_to_it_or_a_port_is_named(given_settings, port):
    settings = load(**given_settings)
    assert (settings.web_host, settings.listens_at) == ("127.0.0.1", port)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "::1", "localhost", "bot-1.internal"])  # noqa: S104 - not opened
def test_the_web_server_listens_at_an_address_or_a_name(host):
    assert load(WEB_HOST=host).web_host == host


def test_the_password_of_an_address_is_not_shown():
    for name in ("DATABASE_URL", "SEEDREAM_BASE_URL"):
        assert "sesame" not in only_problem(**{name: "mysql+aiomysql://bot:sesame@db.example/bot"})


@pytest.mark.parametrize(
    "scheme",
    ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2", "postgresql+pg8000"],
)
def test_an_address_of_postgresql_is_taken_as_hosts_hand_it_out(scheme):
    settings = load(DATABASE_URL=f"{scheme}://bot:s%40same@db.example:5433/bot?sslmode=require")
    assert settings.database_url == "postgresql+asyncpg://bot:s%40same@db.example:5433/bot?sslmode=require"
    assert settings.data_dir == Path("data")
    assert "same" not in shown(settings.database_url)
    assert "db.example:5433/bot" in shown(settings.database_url)


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+pysqlite", "sqlite+aiosqlite"])
def test_a_file_is_opened_by_the_bots_driver_whatever_driver_is_named(scheme, tmp_path):
    settings = load(DATABASE_URL=f"{scheme}:///{tmp_path}/jobs.db")
    assert settings.database_url == f"sqlite+aiosqlite:///{tmp_path}/jobs.db"
    assert settings.database_file == tmp_path / "jobs.db"


SERVERS = {
    "ports": ("a:s%40same-word@h1:5432,h2:5433/d", "h1:5432,h2:5433"),
    "one port": ("a:s%40same-word@h1,h2:5433/d", "h1,h2:5433"),
    "another port": ("a:s%40same-word@h1:5432,h2/d", "h1:5432,h2"),
    "no ports": ("a:s%40same-word@h1,h2/d", "h1,h2"),
    "options": ("a:s%40same-word@h1:1,h2:2/d?target_session_attrs=read-write", "h1:1,h2:2"),
    "IPv6": ("a:s%40same-word@[::1]:5432,[fd00::2]:5433/d", "[::1]:5432,[fd00::2]:5433"),
    "parameters": ("a:s%40same-word@/d?host=h1:5432&host=h2:5433", "h1:5432,h2:5433"),
    "a list": ("a:s%40same-word@/d?host=h1:5432,h2:5433", "h1:5432,h2:5433"),
}


@pytest.mark.parametrize(("address", "hosts"), SERVERS.values(), ids=SERVERS)
def test_an_address_may_name_several_servers_and_is_shown_with_them_but_not_with_the_password(address, hosts):
    settings = load(DATABASE_URL=f"postgres://{address}")
    url = make_url(settings.database_url)
    assert ",".join(url.normalized_query["host"]) == hosts
    assert (url.username, url.password, url.database) == ("a", "s@same-word", "d")
    assert {"s@same-word", "s%40same-word"} <= {secret.get_secret_value() for secret in settings.secrets}
    for text in (settings.database_url, f"postgres://{address}"):
        assert "same" not in shown(text)
        assert "h1" in shown(text) or "[::1]:5432" in shown(text)


def test_an_address_of_several_servers_needs_a_database_too():
    assert "the name of the database is missing" in only_problem(DATABASE_URL="postgresql://a@h1:1,h2:2")


@pytest.mark.parametrize("hosts", ["h1:x,h2:5433", "h1:5432,", "h1:5432,h2:port", "h1:5432,,h2"])
def test_a_port_that_is_none_is_refused_also_in_a_list(hosts):
    problem = only_problem(DATABASE_URL=f"postgresql://a:sesame@{hosts}/d")
    assert "it is not a database URL" in problem
    assert "sesame" not in problem


@pytest.mark.parametrize("address", ["sqlite://", "sqlite+aiosqlite:///", "sqlite:///:memory:"])
def test_a_database_without_a_file_is_refused(address):
    assert "it names no file" in only_problem(DATABASE_URL=address)


def test_another_database_is_refused_with_what_is_supported():
    problem = only_problem(DATABASE_URL="mysql+aiomysql://db.example/bot")
    assert "mysql+aiomysql:// is not supported; use sqlite+aiosqlite:// or postgresql://" in problem


def test_a_server_without_a_database_is_refused():
    assert "the name of the database is missing" in only_problem(DATABASE_URL="postgresql://db.example")


def test_a_password_after_the_question_mark_is_refused_and_not_shown():
    problem = only_problem(DATABASE_URL="postgresql://db.example/bot?user=bot&password=sesame")
    assert "put it before the host" in problem
    assert "sesame" not in problem


SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    "address",
    [
        f"bot:{SECRET}@db.example/bot",
        f"{SECRET}:x@db.example/bot",
        f"postgresql:/bot:{SECRET}@db.example/bot",
        f"postgresql//bot:{SECRET}@db.example/bot",
        f"mysql://bot:{SECRET}@db.example/bot",
        f"mysql://bot:a@b{SECRET}@db.example/bot",
        f"mysql://bot:a/b?c#{SECRET}@db.example/bot",
        f"mysql://bot:{SECRET}/bot",
        f"mysql://db.example/bot?sslpassword={SECRET}",
        f"mysql://db.example/bot?a=b&pass%77ord={SECRET}",
        f"mysql://db.example/bot?sslpassword=a@{SECRET}",
        f"mysql://db.example/bot?{SECRET}",
        f"mysql://db.example/bot#{SECRET}",
        f"mysql://db.example/bot&password={SECRET}",
        f"mysql://bot:1,{SECRET}/bot",
        f"mysql://bot:1,{SECRET}:1/bot",
        f"mysql://h1:1,h2:{SECRET}/bot",
        f"host=db.example password = '{SECRET}' user=bot",
    ],
)
@pytest.mark.parametrize("name", ["DATABASE_URL", "PUBLIC_URL", "SEEDREAM_BASE_URL", "DISCORD_GATEWAY_URL"])
def test_no_secret_of_an_address_is_shown_however_badly_it_is_written(name, address):
    assert all(SECRET not in problem for problem in problems(**{name: address}))


@pytest.mark.parametrize("address", [f"https://bot:{SECRET}", f"https://bot:{SECRET}℀@host", f"https://[{SECRET}/"])
def test_what_python_says_of_a_bad_address_is_not_repeated(address):
    assert SECRET not in only_problem(PUBLIC_URL=address)


def test_the_names_of_an_addresss_parameters_are_shown_without_their_values():
    address = "postgresql://db.example:5433/bot?sslmode=require&sslpassword=sesame"
    assert shown(address) == "postgresql://db.example:5433/bot?sslmode=…&sslpassword=…"


@pytest.mark.parametrize(
    "value", ["sqlite+aiosqlite:///C:/data/bot.db", "https://[::1]:8080/a:b", "5.0-pro:reference=1", "0-3", "a?"]
)
def test_what_holds_no_secret_is_shown_as_it_is(value):
    assert shown(value) == value


def test_the_passwords_of_the_database_are_secrets():
    settings = load(DATABASE_URL=f"postgresql://bot:s%40same-street@h/db?sslpassword={SECRET}&sslmode=require")
    values = {secret.get_secret_value() for secret in settings.secrets}
    assert {"s@same-street", "s%40same-street", SECRET} <= values
    assert "require" not in values


def test_a_short_password_does_not_redact_a_word_of_the_log():
    settings = load(DATABASE_URL="postgresql://bot:bot@h/db")
    assert "bot" not in {secret.get_secret_value() for secret in settings.secrets}


def test_pictures_lie_beside_the_database(tmp_path):
    assert load(DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path}/jobs.db").data_dir == tmp_path


def test_a_broken_line_is_numbered_and_not_shown(env_file):
    (problem,) = problems(env_file(f"GRACE=1\nDISCORD_TOKEN {TOKEN}\n"))
    assert "line 2" in problem
    assert TOKEN not in problem


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        load().grace = 1


def test_what_an_operator_allows_is_all_but_the_cost_until_they_say_otherwise():
    assert load().ceilings == Ceilings(daily=DEFAULT_DAILY_LIMIT)
    assert load(SERVERS_ALLOWED="", MODEL_PRICES=" ", OPERATOR_DAILY_LIMIT="").ceilings == load().ceilings


@pytest.mark.parametrize(("written", "limit"), [("unlimited", None), ("Unlimited", None), ("0", 0), ("1000", 1000)])
def test_a_daily_limit_is_raised_or_removed_by_one_line(written, limit):
    assert load(OPERATOR_DAILY_LIMIT=written).ceilings == Ceilings(daily=limit)
    assert load(PERSONAL_DAILY_LIMIT=written).ceilings.personal_daily == limit


@pytest.mark.parametrize("settings", [{}, {"OPERATOR_DAILY_LIMIT": "500"}, {"OPERATOR_DAILY_LIMIT": "unlimited"}])
def test_the_daily_limit_is_said_in_one_line_with_the_setting_that_changes_it(settings):
    sentence = ceiling_sentence(load(**settings))
    assert settings.get("OPERATOR_DAILY_LIMIT", f"{DEFAULT_DAILY_LIMIT} credits a day") in sentence
    assert is_chosen(load(**settings)) is bool(settings)
    assert ("default" in sentence) is (not settings)
    assert sentence.startswith("OPERATOR_DAILY_LIMIT")


def test_what_an_operator_allows_is_read_as_it_is_written():
    ceilings = load(
        MODEL_PRICES="5.0-pro=3,doubao-seedream-4.0=0",
        OPERATOR_DAILY_LIMIT="500",
        SERVERS_ALLOWED="100000000000000001, 1000000000000000002",
        PERSONAL_USE="no",
        PERSONAL_DAILY_LIMIT="0",
    ).ceilings
    assert ceilings == Ceilings(
        daily=500,
        servers=frozenset({100000000000000001, 1000000000000000002}),
        personal=False,
        personal_daily=0,
        prices=MappingProxyType(
            {"doubao-seedream-5.0-pro": ModelPrice(picture=3), "doubao-seedream-4.0": ModelPrice(picture=0)}
        ),
    )


def test_a_server_that_is_none_is_told_with_the_way_to_its_id():
    problem = only_problem(SERVERS_ALLOWED="100000000000000001, Studio")
    assert "“Studio” is not a server id" in problem
    assert "Copy Server ID" in problem


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("GRACE=3\n".encode("utf-16"), " is in UTF-16. Save it in UTF-8."),
        ("GRACE=3\n".encode("utf-16-be"), " is in UTF-16. Save it in UTF-8."),
        ("GRACE=3\n# für Füchse\n".encode("latin-1"), ", line 2, is not in UTF-8. Save the file in that encoding."),
    ],
)
def test_a_file_in_another_encoding_is_one_sentence_and_nothing_is_called_missing(env_file, content, sentence):
    file = env_file(content)
    with pytest.raises(UnreadableFileError) as caught:
        load_settings(file, {})
    assert str(caught.value) == f"{file}{sentence}"


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to(path)], ids=["a folder", "a loop of links"])
def test_a_file_that_can_not_be_opened_is_one_sentence_and_nothing_is_called_missing(tmp_path, make):
    make(tmp_path / ".env")
    with pytest.raises(UnreadableFileError, match=r"^\S*\.env can't be read: [^\n]+\.$"):
        load_settings(tmp_path / ".env", {})


@pytest.mark.parametrize(
    "line", [f"DISCORD_TOKEN {TOKEN}", "DISCORD_TOKEN", f'DISCORD_TOKEN="{TOKEN}', f"discord_token: {TOKEN}"]
)
def test_a_name_in_a_broken_line_is_not_called_missing(env_file, line):
    file = env_file(f"{line}\nSEEDREAM_API_KEY={KEY}\n")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(file, {})
    assert caught.value.problems == (f"{file}, line 1: write it as NAME=value.",)


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_read_or_refused_in_plain_lines(tmp_path_factory, content):
    file = tmp_path_factory.getbasetemp() / "any.env"
    file.write_bytes(content)
    try:
        said = read_env_file(file).problems
    except UnreadableFileError as error:
        said = (str(error),)
    assert "\n" not in "".join(said)


def test_proxies_come_from_the_setting_or_from_the_environment_and_the_file(tmp_path):
    (tmp_path / ".env").write_text("HTTPS_PROXY=http://file.example:1\nno_proxy=api.example\n")
    file = tmp_path / ".env"
    assert str(load(file).proxies.by_scheme["https"].url) == "http://file.example:1"
    assert load(file).proxies.exceptions == "api.example"
    environ = {"HTTPS_PROXY": "http://one.example:1", "HTTP_PROXY": "two.example:2"}
    assert str(load(file, **environ).proxies.by_scheme["https"].url) == "http://one.example:1"
    environ |= {"PROXY_URL": "http://me:sesame-opens@three.example:3"}
    assert {proxy.url.host for proxy in load(file, **environ).proxies.by_scheme.values()} == {"three.example"}
    assert "sesame-opens" in {secret.get_secret_value() for secret in load(file, **environ).secrets}


@pytest.mark.parametrize("value", ["socks5://me:sesame@one.example:1080", "http://", "ftp://me:sesame@one.example"])
@pytest.mark.parametrize("name", ["PROXY_URL", "HTTPS_PROXY", "ALL_PROXY"])
def test_a_proxy_that_can_not_be_used_is_a_problem_of_one_line_without_its_password(name, value):
    [problem] = problems(**{name: value})
    assert problem.startswith(name)
    assert "sesame" not in problem


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("198.18.0.0", None),
        ("198.18.0.0/15, fc00::/18", None),
        ("198.18.0.1/16", None),
        ("198.18.0.0/40", "not a network"),
        ("clash", "not a network"),
        ("0.0.0.0/0", "addresses of this machine"),
        ("127.0.0.0/16", "addresses of this machine"),
        ("::/0", "addresses of this machine"),
        ("169.254.169.254", "addresses of this machine"),
    ],
)
def test_networks_of_a_resolver_are_trusted_but_never_this_machine(value, why):
    if why is None:
        assert load(TRUST_RESOLVER=value).trust_resolver
    else:
        assert why in problems(TRUST_RESOLVER=value)[0]


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_a_proxy_of_the_environment_wins_over_one_of_the_file(env_file, name):
    file = env_file("https_proxy=http://file.example:1")
    assert str(load(file, **{name: "http://one.example:1"}).proxies.by_scheme["https"].url) == "http://one.example:1"


def test_an_ignored_socks_proxy_is_a_note():
    (note,) = load(all_proxy="socks5://one.example:1080", https_proxy="http://one.example:1").notes
    assert note.startswith("ALL_PROXY is ignored")


def test_without_a_proxy_a_wrong_variable_does_not_matter():
    assert not load(ALL_PROXY="socks5://one.example:1080", NO_PROXY="*").proxies.by_scheme
