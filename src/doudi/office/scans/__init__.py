"""Papers by photo or scan: what comes in is looked at in a confined child and drawn anew before anybody opens it."""
