"""Message passing on one drawn net: what an efficient learner knows of its teacher (THEORY section 18)."""
