"""Hooks of MkDocs: the site has the shape of the repository, so that a relative link leads to the same page in both.

Pages lie in several folders, each README beside what it tells of. They are taken from there, under their paths in the
repository; nothing is copied or linked by hand. A file of code that a page links to goes along as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
PAGES = ("*.md", "docs/*.md", "docs/*/*.md", "[!.]*/README.md", "[!.]*/examples/README.md")
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
WIRE = "protocol.md"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """What there is: the theme's own files, and each page of the repository under its path there."""
    kept = [file for file in files if file.src_dir is None or Path(file.src_dir) != Path(config.docs_dir)]
    pages = sorted({path for pattern in PAGES for path in ROOT.glob(pattern)})
    linked = sorted({target for page in pages for target in _linked(page) if target.suffix != ".md"})
    added = [_file(path, config) for path in (*pages, *linked)]
    return Files([*kept, *added])


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """A folder that a page links to is a list of files in the repository, and nothing on the site: its name stays."""
    here = (ROOT / page.file.src_uri).parent
    return re.sub(
        r"\[([^\]]+)\]\(([^)#\s:]+)\)",
        lambda link: link[1] if (here / link[2]).is_dir() else link[0],
        markdown,
    )


def on_page_content(html: str, *, page: Page, **_: Any) -> str:
    """Docstrings name the authority on the wire as a file; in the reference that name is a link."""
    if not page.file.src_uri.startswith("docs/reference/"):
        return html
    return html.replace(f"<code>{WIRE}</code>", f'<a href="../{WIRE.replace(".md", ".html")}">{WIRE}</a>')


def _linked(page: Path) -> Iterator[Path]:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        path = (page.parent / target).resolve()
        if path.is_file() and path.is_relative_to(ROOT):
            yield path


def _file(path: Path, config: MkDocsConfig) -> File:
    uri = path.relative_to(ROOT).as_posix()
    return File(uri, str(ROOT), config.site_dir, config.use_directory_urls)
