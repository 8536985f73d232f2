"""The environment speaks where the caller says nothing."""

from __future__ import annotations

import pytest

from gonka_core import Endpoint, settings
from gonka_core.discovery.records import Network
from gonka_core.errors import ConfigurationError, InvalidEndpointError, MissingSettingError

PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
ONE = Endpoint("http://one", PROVIDER)
TWO = Endpoint("http://two", PROVIDER)
BROKER = Endpoint.broker("http://broker", "sk-1")
SOURCE = {"GONKA_SOURCE_URL": "http://a , http://b,"}


def found(given: settings.GivenEndpoints, environ: dict[str, str]) -> tuple[Endpoint, ...]:
    endpoints, network = settings.places(given, None, environ)
    assert network is None
    return endpoints


def test_one_endpoint() -> None:
    environ = {"GONKA_ENDPOINT": "http://one/v1", "GONKA_PROVIDER_ADDRESS": PROVIDER}
    assert found(None, environ) == (ONE,)


def test_several_endpoints_win_over_one() -> None:
    environ = {
        "GONKA_ENDPOINTS": f"http://one;{PROVIDER},http://two;{PROVIDER}",
        "GONKA_ENDPOINT": "http://three",
        "GONKA_PROVIDER_ADDRESS": PROVIDER,
    }
    assert found(None, environ) == (ONE, TWO)


def test_explicit_wins_and_what_it_replaces_is_not_parsed() -> None:
    assert found(ONE, {"GONKA_ENDPOINTS": "nonsense"}) == (ONE,)


def test_an_endpoint_without_its_provider_is_refused() -> None:
    with pytest.raises(InvalidEndpointError, match="GONKA_PROVIDER_ADDRESS"):
        found(None, {"GONKA_ENDPOINT": "http://one"})


@pytest.mark.parametrize("environ", [{}, {"GONKA_ENDPOINTS": " ", "GONKA_ENDPOINT": ""}])
def test_no_endpoint_names_the_variables(environ: dict[str, str]) -> None:
    with pytest.raises(MissingSettingError, match="GONKA_ENDPOINT"):
        found(None, environ)


def test_an_empty_list_is_no_endpoint() -> None:
    with pytest.raises(MissingSettingError):
        found([], {"GONKA_ENDPOINTS": f"http://one;{PROVIDER}"})


def test_address_and_model() -> None:
    environ = {"GONKA_ADDRESS": PROVIDER, "GONKA_MODEL": "test"}
    assert settings.address(None, environ) == PROVIDER
    assert settings.address("given", environ) == "given"
    assert settings.model(None, environ) == "test"
    assert settings.model("given", environ) == "given"
    assert settings.address(None, {}) is None
    assert settings.model(None, {}) is None


class TestNetworks:
    def test_a_source_alone_is_enough(self) -> None:
        endpoints, network = settings.places(None, None, SOURCE)
        assert endpoints == ()
        assert network == Network(("http://a", "http://b"))

    @pytest.mark.parametrize(
        "environ",
        [
            {"GONKA_ENDPOINTS": f"http://one;{PROVIDER}"},
            {"GONKA_ENDPOINT": "http://one", "GONKA_PROVIDER_ADDRESS": PROVIDER},
        ],
    )
    def test_endpoints_of_the_environment_come_first(self, environ: dict[str, str]) -> None:
        assert settings.places(None, None, SOURCE | environ) == ((ONE,), None)

    def test_a_broker_stands_beside_the_nodes_that_are_found(self) -> None:
        environ = SOURCE | {"GONKA_BROKER_URL": "http://broker", "GONKA_BROKER_API_KEY": "sk-1"}
        endpoints, network = settings.places(None, None, environ)
        assert endpoints == (BROKER,)
        assert network is not None

    def test_explicit_endpoints_leave_the_source_alone(self) -> None:
        assert settings.places(ONE, None, SOURCE | {"GONKA_VERIFY": "nonsense"}) == ((ONE,), None)

    def test_an_explicit_source_leaves_endpoints_alone(self) -> None:
        environ = {"GONKA_ENDPOINTS": "nonsense"}
        assert settings.places(None, "http://a", environ) == ((), Network(("http://a",)))
        assert settings.places(None, ["http://a"], environ) == ((), Network(("http://a",)))

    def test_both_given_are_both_taken(self) -> None:
        network = Network(("http://a",), verify="validators")
        assert settings.places(ONE, network, {"GONKA_VERIFY": "nonsense"}) == ((ONE,), network)

    @pytest.mark.parametrize(
        ("environ", "level"),
        [
            ({}, "none"),
            ({"GONKA_VERIFY": "validators"}, "validators"),
            ({"GONKA_VERIFY_PROOF": "1"}, "consistent"),
            ({"GONKA_VERIFY_PROOF": "true"}, "none"),
            ({"GONKA_VERIFY_PROOF": "1", "GONKA_VERIFY": "none"}, "none"),
        ],
    )
    def test_levels(self, environ: dict[str, str], level: str) -> None:
        _, network = settings.places(None, None, SOURCE | environ)
        assert network is not None
        assert network.verify == level

    def test_a_level_that_there_is_not(self) -> None:
        with pytest.raises(ConfigurationError, match=r"GONKA_VERIFY is 'all'.*none, consistent, validators"):
            settings.places(None, None, SOURCE | {"GONKA_VERIFY": "all"})

    def test_pins(self) -> None:
        environ = SOURCE | {"GONKA_TRUSTED_VALIDATORS": f"{'ab' * 32}, {'CD' * 32}"}
        _, network = settings.places(None, None, environ)
        assert network is not None
        assert network.trusted == (b"\xab" * 32, b"\xcd" * 32)

    @pytest.mark.parametrize("pin", ["ab", "zz" * 32, "ab" * 33, f"{'ab' * 32};{'cd' * 32}"])
    def test_no_pin(self, pin: str) -> None:
        with pytest.raises(ConfigurationError, match=r"GONKA_TRUSTED_VALIDATORS.*64 hex digits"):
            settings.places(None, None, SOURCE | {"GONKA_TRUSTED_VALIDATORS": pin})
