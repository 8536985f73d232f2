"""The environment speaks where the caller says nothing."""

from __future__ import annotations

import pytest

from gonka_core import Endpoint, settings
from gonka_core.errors import InvalidEndpointError, MissingSettingError

PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
ONE = Endpoint("http://one", PROVIDER)
TWO = Endpoint("http://two", PROVIDER)


def test_one_endpoint() -> None:
    environ = {"GONKA_ENDPOINT": "http://one/v1", "GONKA_PROVIDER_ADDRESS": PROVIDER}
    assert settings.endpoints(None, environ) == (ONE,)


def test_several_endpoints_win_over_one() -> None:
    environ = {
        "GONKA_ENDPOINTS": f"http://one;{PROVIDER},http://two;{PROVIDER}",
        "GONKA_ENDPOINT": "http://three",
        "GONKA_PROVIDER_ADDRESS": PROVIDER,
    }
    assert settings.endpoints(None, environ) == (ONE, TWO)


def test_explicit_wins_and_what_it_replaces_is_not_parsed() -> None:
    assert settings.endpoints(ONE, {"GONKA_ENDPOINTS": "nonsense"}) == (ONE,)


def test_an_endpoint_without_its_provider_is_refused() -> None:
    with pytest.raises(InvalidEndpointError, match="GONKA_PROVIDER_ADDRESS"):
        settings.endpoints(None, {"GONKA_ENDPOINT": "http://one"})


@pytest.mark.parametrize("environ", [{}, {"GONKA_ENDPOINTS": " ", "GONKA_ENDPOINT": ""}])
def test_no_endpoint_names_the_variables(environ: dict[str, str]) -> None:
    with pytest.raises(MissingSettingError, match="GONKA_ENDPOINT"):
        settings.endpoints(None, environ)


def test_an_empty_list_is_no_endpoint() -> None:
    with pytest.raises(MissingSettingError):
        settings.endpoints([], {"GONKA_ENDPOINTS": f"http://one;{PROVIDER}"})


def test_address_and_model() -> None:
    environ = {"GONKA_ADDRESS": PROVIDER, "GONKA_MODEL": "test"}
    assert settings.address(None, environ) == PROVIDER
    assert settings.address("given", environ) == "given"
    assert settings.model(None, environ) == "test"
    assert settings.model("given", environ) == "given"
    assert settings.address(None, {}) is None
    assert settings.model(None, {}) is None
