"""The papers of a warning: attached files, and issued documents with their numbers and on paper."""

from __future__ import annotations

from dash import dcc, html

from layers.casefile import Casefile
from layers.pages.elements import Child, button, icon
from layers.text import date, text


def attachment_list(case: Casefile, lang: str) -> Child:
    """Attached files, each with a link that gives it back."""
    if case.attachments.empty:
        return html.P(text("casework.no_attachments", lang), className="cap")
    rows = [
        html.Li(
            [
                button(
                    {"type": "warning-file", "id": int(row["attachment_id"])},
                    row["file_name"],
                    "paperclip",
                    kind="link",
                ),
                html.Span(f"{row['size_bytes'] / 1024:,.0f} kB · {row['added_by']}", className="cap"),
            ]
        )
        for row in case.attachments.to_dict("records")
    ]  # fmt: skip
    return html.Ul(rows, className="wlist")


def document_list(case: Casefile, lang: str) -> Child:
    """Issued documents with their numbers, each with a button that gives it on paper."""
    if case.documents.empty:
        return html.P(text("casework.no_documents", lang), className="cap")
    rows = [
        html.Li(
            [
                html.B(row["number"]),
                html.Span(f"{date(str(row['issued_on'])[:10], lang)} · {row['issued_by']}", className="cap"),
                _paper(int(row["document_id"]), lang),
            ]
        )
        for row in case.documents.to_dict("records")
    ]
    return html.Ul(rows, className="wlist")


def _paper(document_id: int, lang: str) -> html.Form:
    """The button that gives a document as PDF; its answer is a file, so the page stays."""
    hidden = [dcc.Input(name=n, type="hidden", value=v) for n, v in (("document", str(document_id)), ("lang", lang))]
    send = html.Button([icon("printer", "s14"), text("field.document_button", lang)], type="submit", className="link")
    return html.Form([*hidden, send], action="/api/field/document", method="post")
