"""Who is asked, where, and under which names."""

from __future__ import annotations

import pytest

from seedream import MODELS, InvalidRequest, SeeDreamClient
from seedream.providers import DEFAULT_PROVIDER, PROVIDERS, find_provider

LITE = MODELS["doubao-seedream-5.0-lite"]


def test_the_guides_own_provider_is_the_default():
    assert (DEFAULT_PROVIDER.name, DEFAULT_PROVIDER.base_url) == ("xhuoapi", "https://api.xhuoapi.ai/v1")


@pytest.mark.parametrize(
    ("provider", "ids"),
    [
        ("xhuoapi", [*LITE.wire_ids, LITE.name]),
        ("acedata", [*LITE.wire_ids, LITE.name]),
        ("ark", [*LITE.wire_ids, "seedream-5-0-lite-260128", "seedream-5-0-260128"]),
        ("modelark", ["seedream-5-0-lite-260128", "seedream-5-0-260128", *LITE.wire_ids]),
    ],
)
def test_each_provider_is_asked_for_the_names_that_it_may_take_in_order(provider, ids):
    assert list(PROVIDERS[provider].wire_ids(LITE)) == ids


@pytest.mark.parametrize("short", [name for name in MODELS if "5.0-pro" not in name and "flash" not in name])
def test_the_guides_five_short_names_come_last(short):
    assert PROVIDERS["xhuoapi"].wire_ids(MODELS[short])[-1] == short


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("", "https://api.xhuoapi.ai/v1"),
        ("https://api.xhuoapi.ai", "https://api.xhuoapi.ai/v1"),
        ("https://api.xhuoapi.ai/", "https://api.xhuoapi.ai/v1"),
        ("https://api.xhuoapi.ai/v1/", "https://api.xhuoapi.ai/v1"),
        ("https://API.xhuoapi.ai//", "https://api.xhuoapi.ai/v1"),
        ("https://api.xhuoapi.ai:443", "https://api.xhuoapi.ai/v1"),
        ("https://api.xhuoapi.ai:8443", "https://api.xhuoapi.ai:8443"),
        ("https://api.xhuoapi.ai:port", "https://api.xhuoapi.ai:port"),
        ("https://api.xhuoapi.ai/v2", "https://api.xhuoapi.ai/v2"),
        ("https://reseller.example", "https://reseller.example"),
        ("https://reseller.example/proxy/", "https://reseller.example/proxy"),
    ],
)
def test_an_address_counts_with_and_without_its_path_and_last_slash(given, used):
    assert DEFAULT_PROVIDER.address(given) == used


def test_a_provider_that_there_is_not_is_refused_with_the_nearest():
    assert find_provider(" ACEData ").name == "acedata"
    with pytest.raises(InvalidRequest, match="Did you mean modelark"):
        find_provider("model-ark")
    with pytest.raises(InvalidRequest, match="Choose one of xhuoapi, acedata, ark, modelark"):
        find_provider("???")


@pytest.mark.parametrize("provider", ["xhuoapi", "acedata"])
def test_a_management_key_is_refused_before_anything_is_sent_and_not_repeated(provider):
    with pytest.raises(InvalidRequest, match=r"management API\. Use .* from https://platform\.") as caught:
        SeeDreamClient(api_key="platform-4711", provider=PROVIDERS[provider])
    assert "4711" not in str(caught.value)
    SeeDreamClient(api_key="platform-4711", provider=PROVIDERS["ark"])
