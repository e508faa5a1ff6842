"""Who is who (比对关联): which person each accepted row speaks of. The verb is `link`."""

from doudi.engine.linkage.exact import Linked, PersonRows, link

__all__ = ["Linked", "PersonRows", "link"]
