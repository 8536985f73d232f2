"""Reports as people and programs read them. Each form is one function from reports to text.

`text` to read, `json_text` (its schema is `schemas/report.schema.json`), `junit_xml` for continuous integration,
`html_page` as one file. `read` takes JSON reports back in, `merged` joins those of several runs.
"""

from __future__ import annotations

from .document import FORMAT, document, json_text
from .html import html_page
from .junit import junit_xml
from .merge import merged
from .plain import text
from .reading import read

__all__ = ["FORMAT", "document", "html_page", "json_text", "junit_xml", "merged", "read", "text"]
