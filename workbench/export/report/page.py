"""The report as a whole: the order of its parts, and what a browser has to know of it."""

from __future__ import annotations

from workbench.export.report.environment import again, data, environment, foot
from workbench.export.report.epochs import epochs
from workbench.export.report.gathered import Gathered
from workbench.export.report.happened import happened
from workbench.export.report.head import tiles, title
from workbench.export.report.lines import curves
from workbench.export.report.markup import joined, tag
from workbench.export.report.results import results
from workbench.export.report.settings import settings
from workbench.export.report.style import STYLE

#: Nothing is fetched and nothing is run, even if something should have got past the escaping.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(told: Gathered) -> str:
    """The same run gives the same page."""
    body = joined(
        title(told), tiles(told), curves(told), results(told), epochs(told), settings(told), happened(told), data(told), environment(told),
        again(told), foot(),
    )  # fmt: skip
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f"{tag('title', told.run.name)}\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
