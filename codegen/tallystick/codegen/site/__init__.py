"""The catalogue for people: contracts and experiments as a static site.

    files = render(Site(catalog, experiments))       # pure: {path: text}; the same input gives the same bytes

The site needs no server, no network and no script to be read: scripts add search, the switch between light and dark,
and buttons that copy. Every text of a contract is escaped where it enters a page.
"""

from tallystick.codegen.site.model import Site, Version
from tallystick.codegen.site.pages import render

__all__ = ["Site", "Version", "render"]
