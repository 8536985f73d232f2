"""Which routes a generation has (`protocol.md` §6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gonka_mock_node.profiles import Profile

from . import about, accounts, chain_api, chain_blocks, chain_rpc, epochs, gateway, inferences, models, verification
from .routing import Group, Route
from .telling import Teller, told

_REST: Final = "/chain-api/productscience/inference/inference"
_BLOCKS: Final = "/chain-api/cosmos/base/tendermint/v1beta1"


def _told(path: str, group: Group, teller: Teller, *, deprecated: bool = False) -> Route:
    """A route that tells of the chain."""
    return Route("GET", path, group, told(path, teller), deprecated)


_ALWAYS: Final = (
    Route("GET", "/health", "health", about.health),
    Route("GET", "/v1/status", "status", about.status, deprecated=True),
    Route("GET", "/v1/versions", "versions", about.versions),
    Route("GET", "/v1/participants", "participants", accounts.participants, deprecated=True),
    Route("GET", "/v1/participants/{address}", "accounts", accounts.account, deprecated=True),
    Route("GET", "/v1/models", "models", models.models, deprecated=True),
    Route("GET", "/v1/governance/models", "models", models.governance_models, deprecated=True),
    Route("GET", "/v1/pricing", "pricing", models.pricing, deprecated=True),
    Route("GET", "/v1/governance/pricing", "pricing", models.governance_pricing),
    _told("/v1/epochs/{epoch}/participants", "epochs", epochs.participants, deprecated=True),
    _told("/v1/epochs/{epoch}", "epochs", epochs.latest, deprecated=True),
    Route("POST", "/v1/verify-proof", "verification", verification.verify_proof, deprecated=True),
    Route("POST", "/v1/verify-block", "verification", verification.verify_block, deprecated=True),
    Route("GET", f"{_REST}/params", "chain-api", chain_api.chain_params),
    Route("GET", f"{_REST}/model_per_token_price/{{model:.+}}", "chain-api", chain_api.price),
    Route("GET", f"{_REST}/all_model_per_token_prices", "chain-api", chain_api.prices),
    Route("GET", "/chain-api/cosmos/auth/v1beta1/accounts/{address}", "chain-api", chain_api.account),
    Route("GET", "/chain-api/cosmos/bank/v1beta1/balances/{address}", "chain-api", chain_api.balances),
    Route("GET", "/chain-api/cosmos/bank/v1beta1/spendable_balances/{address}", "chain-api", chain_api.balances),
    _told(f"{_BLOCKS}/blocks/latest", "chain-api", chain_blocks.latest_block),
    _told(f"{_BLOCKS}/blocks/{{height}}", "chain-api", chain_blocks.block),
    _told(f"{_BLOCKS}/validatorsets/latest", "chain-api", chain_blocks.latest_validators),
    _told(f"{_BLOCKS}/validatorsets/{{height}}", "chain-api", chain_blocks.validators),
    Route("GET", "/chain-api/{path:.*}", "chain-api", chain_api.not_implemented),
    _told("/chain-rpc/status", "chain-rpc", chain_rpc.status),
    _told("/chain-rpc/block", "chain-rpc", chain_rpc.block),
    _told("/chain-rpc/commit", "chain-rpc", chain_rpc.commit),
    _told("/chain-rpc/validators", "chain-rpc", chain_rpc.validators),
    Route("GET", "/chain-rpc/{path:.*}", "chain-rpc", chain_rpc.no_such_method),
)
_IDENTITY: Final = _told("/v1/identity", "identity", about.identity)
_MODELS_LEGACY: Final = Route("GET", "/v1/governance/models-legacy", "models", models.legacy_models, deprecated=True)
_SECOND_VERSION: Final = (
    Route("GET", "/v2/accounts/{address}", "accounts", accounts.account),
    Route("GET", "/v2/participants/{address}", "participants", accounts.participant),
)
_BY_ID: Final = {
    "path": Route("GET", "/v1/chat/completions/{id:.+}", "inferences", inferences.by_path),
    "query": Route("GET", "/v1/chat/completions", "inferences", inferences.by_query),
}
_OF_A_GATEWAY: Final = (
    Route("GET", "/health", "health", about.health),
    Route("GET", "/v1/models", "models", gateway.models),
    Route("GET", "/v1/status", "status", gateway.status),
)


def routes(profile: Profile) -> tuple[Route, ...]:
    """The routes of a generation beside those for inference, and `/api/v1/…` for each that is under `/v1/`."""
    own = _OF_A_GATEWAY if profile.kind == "gateway" else _of_a_node(profile)
    aliases = (
        replace(route, path=f"/api{route.path}")
        for route in own
        if route.method == "GET" and route.path.startswith("/v1/")
    )
    return (*own, *aliases)


def _of_a_node(profile: Profile) -> tuple[Route, ...]:
    has = profile.routes
    return (
        *_ALWAYS,
        *((_IDENTITY,) if has.identity else ()),
        *((_MODELS_LEGACY,) if has.models_legacy else ()),
        *(_SECOND_VERSION if has.accounts == "spendable" else ()),
        *((_BY_ID[has.chat_by_id],) if profile.kind == "classic" else ()),
    )
