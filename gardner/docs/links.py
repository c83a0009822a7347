"""Every link of the built site leads somewhere: python -m gardner.docs.links build/docs

Files, and places inside of them, must be there; what a page loads must be a file of the site. Links that leave the site
are for people to follow, and are not fetched.
"""

from __future__ import annotations

import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = ("script", "img", "iframe", "source", "object", "embed", "video", "audio")
LOADED_LINKS = ("stylesheet", "icon", "preload", "modulepreload", "prefetch", "preconnect", "dns-prefetch")


class Page(HTMLParser):
    """The links of a page, what it loads, and the names of its places."""

    def __init__(self, text: str):
        super().__init__()
        self.links: list[tuple[str, bool]] = []  # target, and whether it is loaded with the page
        self.places: set[str] = {"", "top"}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.places |= {given[name] for name in ("id", "name") if given.get(name)}
        target = given.get("href") or given.get("src") or given.get("data")
        if target and tag not in ("div", "span"):
            relations = (given.get("rel") or "").split()
            loaded = tag in LOADED or (tag == "link" and any(word in LOADED_LINKS for word in relations))
            self.links.append((target, loaded))


def faults(site: Path) -> list[str]:
    """Links of all pages below `site` that lead nowhere, and what a page would fetch from elsewhere."""
    read = cache(lambda path: Page(path.read_text(encoding="utf-8")))
    found, pages = [], sorted(site.rglob("*.html"))
    if not pages:
        return [f"{site}: holds no page; build the site first"]
    for path in pages:
        for target, loaded in read(path).links:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                if loaded and parts.scheme != "data":
                    found.append(f"{path.relative_to(site)}: loads {target}")
                continue
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
            file = file / "index.html" if file.is_dir() else file
            if not file.is_file():
                found.append(f"{path.relative_to(site)}: no file {target}")
            elif file.suffix == ".html" and not loaded and unquote(parts.fragment) not in read(file).places:
                found.append(f"{path.relative_to(site)}: no place {target}")
    return found


if __name__ == "__main__":
    wrong = faults(Path(sys.argv[1]))
    print("\n".join(wrong) or "every link leads somewhere")
    sys.exit(bool(wrong))
