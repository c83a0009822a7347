"""Message passing on one drawn net: what an efficient learner knows of its teacher (THEORY section 18)."""

from gardner.registry import Registry

POSTERIORS = Registry(  # what is known of a weight under each prior
    "weights", spherical="gardner.messages.posterior:SPHERE", binary="gardner.messages.posterior:BINARY"
)
