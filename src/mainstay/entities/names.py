"""Names for runs that nobody named: adjective, noun, number."""

from __future__ import annotations

import random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ADJECTIVES = _words(
    """
    able airy amber ample apt azure balmy bold brave bright brisk calm candid cheery civil clear
    clever coastal cool cosy crisp deft downy eager early easy even fair fleet fond frank free
    fresh gentle glad golden grand hardy hearty honest humble ivory jolly keen kind lively loyal
    lucid lucky lunar mellow merry mild mossy neat nimble noble open pearly placid plucky polite
    proud quick quiet rapid ready robust rosy rustic sandy serene sharp silver smooth snug solid
    spry steady still stout sunny sure swift tidal tidy trim true upbeat vivid warm wise witty
    zesty
    """
)
NOUNS = _words(
    """
    anchor backstay ballast barge beacon berth boom bow breeze bridge buoy cabin cape captain
    channel chart cleat coast compass coral cove crew crow current cutter deck dinghy dock dolphin
    dory estuary ferry fjord fleet galley gannet gull halyard harbor haven hawser heron hull
    island jetty jib kayak keel kelp ketch lagoon lantern lighthouse mast mizzen mooring narwhal
    oar osprey otter paddle pelican petrel pier pilot porpoise port prow puffin quay rigging
    rudder sail schooner seal sextant shoal shore skipper sloop spar spinnaker sprit starfish
    stern strait surf swan tern tide tiller topsail trawler tug turtle wake wave wharf winch yawl
    """
)


def generate() -> str:
    """Return a name such as ``swift-osprey-417``."""
    return f"{random.choice(ADJECTIVES)}-{random.choice(NOUNS)}-{random.randrange(1000)}"
