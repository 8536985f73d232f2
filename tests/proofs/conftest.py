"""Answers of real mock nodes, in the two forms that the network has, and the long run of the property tests."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import settings

from gonka_mock_node import MockNetwork
from gonka_mock_node.chain import Chain

from .building import Case, case, signers

settings.register_profile("nightly", max_examples=10_000, deadline=None)

EPOCHS = 3


def _asked(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=20) as response:
        answer: dict[str, Any] = json.load(response)
        return answer


@pytest.fixture(scope="session")
def answers() -> Mapping[str, list[dict[str, Any]]]:
    """Profile -> what a node says of the participants of each of several epochs."""
    return {profile: _answers(profile) for profile in ("v0.2.13", "v0.2.15")}


def _answers(profile: str) -> list[dict[str, Any]]:
    with MockNetwork(nodes=3, profile=profile, chain=Chain(models=("test", "Qwen/QwQ-32B"))) as network:
        for _ in range(EPOCHS - 1):
            network.chain.next_epoch()
        base = f"{network.nodes[0].url}/epochs"
        numbers = range(network.chain.epoch - EPOCHS + 1, network.chain.epoch + 1)
        return [_asked(f"{base}/{number}/participants") for number in numbers]


@pytest.fixture(scope="session")
def made(answers: Mapping[str, list[dict[str, Any]]]) -> Case:
    """The latest epoch, with a block that four validators of ours signed."""
    return case(answers["v0.2.13"][-1], signers(40, 30, 20, 10))
