"""URLs and environments of `endpoints.json`, with what they come to (`protocol.md` §6.6, §10)."""

from __future__ import annotations

from typing import Final, TypeAlias

from .published import PROVIDER, PROVIDERS

OTHER: Final = PROVIDERS[1]

URLS: Final = (
    ("host alone", "v1-appended", "https://host", "https://host/v1"),
    ("slash at the end", "v1-appended", "https://host/", "https://host/v1"),
    ("port", "v1-appended", "http://host:8000", "http://host:8000/v1"),
    ("a path in front", "v1-appended", "https://host/api", "https://host/api/v1"),
    ("several slashes", "v1-appended", "https://host///", "https://host/v1"),
    ("v1 is there", "v1-once", "https://host/v1", "https://host/v1"),
    ("v1 and a slash", "v1-once", "https://host/v1/", "https://host/v1"),
    ("v1 behind a path", "v1-once", "https://host/api/v1", "https://host/api/v1"),
    ("v10 is another word", "v1-once", "https://host/v10", "https://host/v10/v1"),
    ("xv1 is another word", "v1-once", "https://host/xv1", "https://host/xv1/v1"),
    ("IPv4", "url-kept", "http://36.189.234.237:17241", "http://36.189.234.237:17241/v1"),
    ("IPv6", "url-kept", "http://[::1]:8000/v1", "http://[::1]:8000/v1"),
    ("a scheme in capitals", "url-kept", "HTTPS://host/v1", "https://host/v1"),
    ("no scheme", "url-refused", "host:8000/v1", "scheme"),
    ("another scheme", "url-refused", "ftp://host/v1", "scheme"),
    ("nothing", "url-refused", "", "scheme"),
    ("no host", "url-refused", "https:///v1", "no-host"),
    ("a blank in the host", "url-refused", "https://ho st/v1", "no-host"),
    ("a line end in the path", "url-refused", "https://host/v1\r\nX-Evil: 1", "no-host"),
    ("user and password", "url-refused", "https://user:secret@host/v1", "credentials"),
    ("an empty user", "url-refused", "https://@host/v1", "credentials"),
    ("a query", "url-refused", "https://host/v1?x=1", "query-or-fragment"),
    ("a fragment", "url-refused", "https://host/v1#x", "query-or-fragment"),
    ("a port that is none", "url-refused", "https://host:port/v1", "malformed"),
    ("a port that is too large", "url-refused", "https://host:70000/v1", "malformed"),
    ("half a bracket", "url-refused", "http://[::1/v1", "malformed"),
)
"""Comment, flag, URL, and the base URL or the reason why there is none."""


def _signed(url: str, address: str = PROVIDER) -> dict[str, str]:
    return {"url": url, "authorization": "signature", "provider_address": address}


_ONE: Final = _signed("http://one:8000/v1")
_TWO: Final = _signed("https://two/v1", OTHER)
_BROKER: Final = {"url": "https://broker/v1", "authorization": "api-key"}
_BROKER_SET: Final = {"GONKA_BROKER_URL": "https://broker/v1", "GONKA_BROKER_API_KEY": "sk-published-and-worthless"}


_LIST: Final = "GONKA_ENDPOINTS"
_FIRST: Final = f"http://one:8000/v1;{PROVIDER}"
_SECOND: Final = f"https://two/v1;{OTHER}"
_SPACED: Final = f" http://one:8000/v1 ; {PROVIDER} , https://two/v1;{OTHER} "
_OPERATOR: Final = "gonkavaloper1asz59pf9q0u5nxcxwn676wpacr34gzasrnfytd"
_PAIR: Final = {"GONKA_ENDPOINT": "http://one:8000", "GONKA_PROVIDER_ADDRESS": PROVIDER}

_Endpoints: TypeAlias = tuple[dict[str, str], ...]
ENVIRONMENTS: Final[tuple[tuple[str, str, dict[str, str], str | _Endpoints], ...]] = (
    ("one entry", "environment-list", {_LIST: _FIRST}, (_ONE,)),
    ("two, in their order", "environment-list", {_LIST: f"{_SECOND},{_FIRST}"}, (_TWO, _ONE)),
    ("blanks around everything", "environment-list", {_LIST: _SPACED}, (_ONE, _TWO)),
    ("empty entries", "environment-list", {_LIST: f",{_FIRST},,"}, (_ONE,)),
    ("v1 is appended here too", "environment-list", {_LIST: f"http://one:8000;{PROVIDER}"}, (_ONE,)),
    ("a slash is dropped", "environment-list", {_LIST: f"https://two/;{OTHER}"}, (_TWO,)),
    ("an address in capitals is the same", "environment-list", {_LIST: f"http://one:8000;{PROVIDER.upper()}"}, (_ONE,)),
    ("no semicolon", "address-refused", {_LIST: "http://one:8000/v1"}, "address-missing"),
    ("nothing behind it", "address-refused", {_LIST: "http://one:8000/v1;"}, "address-missing"),
    ("one letter is wrong", "address-refused", {_LIST: f"{_FIRST[:-1]}f"}, "address-invalid"),
    ("an operator's address", "address-refused", {_LIST: f"http://one;{_OPERATOR}"}, "address-invalid"),
    ("two semicolons", "address-refused", {_LIST: f"{_FIRST};{OTHER}"}, "address-invalid"),
    ("the second entry is wrong", "address-refused", {_LIST: f"{_FIRST},https://two/v1"}, "address-missing"),
    ("no URL in front", "url-refused", {_LIST: f";{PROVIDER}"}, "url-invalid"),
    ("credentials in the URL", "url-refused", {_LIST: f"http://a:b@one;{PROVIDER}"}, "url-invalid"),
    ("the pair", "environment-one", _PAIR, (_ONE,)),
    ("the list wins over the pair", "environment-one", {**_PAIR, _LIST: _SECOND}, (_TWO,)),
    ("a blank list is none", "environment-one", {**_PAIR, _LIST: " "}, (_ONE,)),
    ("a URL without its address", "address-refused", {"GONKA_ENDPOINT": "http://one:8000"}, "address-missing"),
    ("a broker alone", "broker", _BROKER_SET, (_BROKER,)),
    ("a broker beside a list", "broker", {_LIST: _FIRST, **_BROKER_SET}, (_ONE, _BROKER)),
    ("a broker beside the pair", "broker", {**_PAIR, **_BROKER_SET}, (_ONE, _BROKER)),
    ("a broker without a key", "broker", {"GONKA_BROKER_URL": "https://broker/v1"}, "api-key-missing"),
    ("a key without a broker", "nothing-set", {"GONKA_BROKER_API_KEY": "sk-x"}, "nothing-given"),
    ("nothing", "nothing-set", {}, "nothing-given"),
    ("an address without a URL", "nothing-set", {"GONKA_PROVIDER_ADDRESS": PROVIDER}, "nothing-given"),
)
"""Comment, flag, variables, and the endpoints or the reason why there are none."""
