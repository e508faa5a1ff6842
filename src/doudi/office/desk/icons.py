"""Small drawings beside the words of the menu, drawn for a 20 by 20 grid."""

from typing import Final

ICONS: Final[dict[str, str]] = {
    "work": '<path d="M4 3.5h12v13H4zM7 7.5h6M7 10.5h6M7 13.5h3"/>',
    "finding": '<circle cx="9" cy="9" r="5.5"/><path d="M13.2 13.2 17 17M9 6.5v3M9 11.6v.1"/>',
    "pair": (
        '<circle cx="6.5" cy="7" r="2.5"/><circle cx="13.5" cy="7" r="2.5"/>'
        '<path d="M2.5 16c0-2.5 1.8-4.5 4-4.5s4 2 4 4.5M10.5 13c.7-1 1.8-1.5 3-1.5 2.2 0 4 2 4 4.5"/>'
    ),
    "case": '<path d="M2.5 6.5h15v10h-15zM7 6.5v-3h6v3M2.5 11h15"/>',
    "roll": '<path d="M5 3.5h10v13H5zM7.5 7h5M7.5 10h5M7.5 13h3M2.5 6v8"/>',
    "county": '<path d="M3 7h11M11 4l3 3-3 3M17 13H6M9 10l-3 3 3 3"/>',
    "money": '<circle cx="10" cy="10" r="7"/><path d="M7 6.5l3 4 3-4M10 10.5V15M7.5 11h5M7.5 13h5"/>',
    "audit": '<path d="M10 2.5 16.5 5v5c0 4-3 6.5-6.5 7.5C6.5 16.5 3.5 14 3.5 10V5zM7 10l2.2 2.2L13 8"/>',
    "users": (
        '<circle cx="7.5" cy="7" r="3"/><path d="M2 16.5c0-3 2.5-5 5.5-5s5.5 2 5.5 5"/>'
        '<path d="M13 4.5a2.5 2.5 0 0 1 0 5M14.5 12c2 .7 3.5 2.3 3.5 4.5"/>'
    ),
    "standard": '<path d="M3 16.5h14M5 16.5v-4h2.5v4M9 16.5V9h2.5v7.5M13 16.5v-11h2.5v11"/>',
    "move": '<path d="M2.5 9 8 4.5 13.5 9M4 8v8.5h8V8M17.5 12.5h-5M14.5 10l-2.5 2.5 2.5 2.5"/>',
    "more": '<path d="M4 10h.1M10 10h.1M16 10h.1" stroke-width="3"/>',
    "empty": '<path d="M3 12.5h4l1 2h4l1-2h4M3 12.5 5 5h10l2 7.5V16H3z"/>',
}
