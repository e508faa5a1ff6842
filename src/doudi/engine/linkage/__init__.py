"""Who is who (比对关联): which person each accepted row speaks of. The verb is `link`."""

from doudi.engine.linkage.aliases import carried_on, resolved, resolved_office, standing
from doudi.engine.linkage.claims import PersonRows, SourceClaims, claims_of
from doudi.engine.linkage.link import Linked, link
from doudi.engine.linkage.model import Model, load_model

__all__ = [
    "Linked",
    "Model",
    "PersonRows",
    "SourceClaims",
    "carried_on",
    "claims_of",
    "link",
    "load_model",
    "resolved",
    "resolved_office",
    "standing",
]
