"""What the warning page is given: evidence in words, names by right, only the own areas, steps by role."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from layers import access, casefile
from layers.access import Actor
from layers.pages import warning_parts, warning_saving
from layers.pages.context import Context
from models import settings as settings_module
from models.errors import AccessDeniedError, UnknownNameError
from models.settings import Settings

BESIDE = Path(__file__).resolve().parents[2] / "browser" / "pages"
AUDITOR = Actor("wu", frozenset({"auditor"}), frozenset({"*"}))
ELSEWHERE = Actor("li", frozenset({"supervisor"}), frozenset({"500116"}))


def module(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"casefile_{name}", BESIDE / f"{name}.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


WARNED = module("warning_city")


@pytest.fixture(scope="module")
def warned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The small city with warnings, and a context of any actor."""
    home = tmp_path_factory.mktemp("casefile")
    base = settings_module.load({})
    settings = Settings(home=home, shared=base.shared, profiles=base.profiles)
    store, profile = WARNED.publish(module("small_city"), settings, home)
    yield lambda actor: Context(store, profile, lambda: actor, settings)
    store.close()


def test_the_evidence_is_what_was_stored_also_when_its_source_is_gone(warned: Any) -> None:
    context = warned(access.LOCAL)
    case = casefile.casefile(context, WARNED.BURST, "zh-Hans")
    said = {s.label: (s.value, s.note) for s in case.sentences}
    assert said["窗口期内同一栋楼新登记企业数"] == ("12 户", "阈值 5 · 2015-06-20 · 市场主体")
    assert said["观测值"][0] == "12，预期 1.40"
    assert len(casefile.cells_of(case)) == 1
    assert [m.subject_id for m in case.members] == json.loads(case.row["member_ids"])
    gone = casefile.members(casefile.Products.live(context.store), ["91500110GONEGONE0X"], access.LOCAL)
    assert (gone[0].name, gone[0].lon) == ("91500110GONEGONE0X", None)


def test_a_warning_of_another_area_is_refused_and_an_unknown_one_named(warned: Any) -> None:
    with pytest.raises(AccessDeniedError, match="outside of the areas of li"):
        casefile.casefile(warned(ELSEWHERE), WARNED.BURST, "en")
    with pytest.raises(UnknownNameError, match="no warning"):
        casefile.casefile(warned(access.LOCAL), "f" * 16, "en")


def test_who_may_only_read_gets_no_button_and_cannot_write(warned: Any) -> None:
    context = warned(AUDITOR)
    case = casefile.casefile(context, WARNED.BURST, "en")
    assert not case.may_act
    (said,) = warning_parts.step_buttons(case, "en")
    assert said.children == "Your role may only read."
    with pytest.raises(AccessDeniedError, match="wu may read"):
        warning_saving._who(context)


def test_the_steps_offered_are_those_of_the_matrix(warned: Any) -> None:
    assert casefile.steps({"state": "open"}) == (("take", None),)
    assert casefile.steps({"state": "taken"}) == (("visit", None), ("close", "data_fault"))
    assert [outcome for _, outcome in casefile.steps({"state": "on_site"})] == [
        "confirmed", "not_confirmed", "data_fault",
    ]  # fmt: skip
    assert casefile.steps({"state": "closed"}) == (("reopen", None),)


def test_precision_is_null_until_somebody_judged(warned: Any) -> None:
    case = casefile.casefile(warned(access.LOCAL), WARNED.BURST, "en")
    assert (case.precision.judged, case.precision.share) == (0, None)
    assert casefile.Precision(4, 3).share == 0.75


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_a_conflict_says_who_did_what_in_the_language_of_the_page(lang: str) -> None:
    from datetime import UTC, datetime

    from models.casework.conflict import ConflictError

    error = ConflictError("warning x", actor="王", action="visit", at=datetime(2026, 3, 1, tzinfo=UTC), state="on_site")
    said = warning_saving.conflict_words(error, lang)
    assert "王" in said
    assert ("现场核查" if lang == "zh-Hans" else "on site") in said


def test_a_file_that_did_not_arrive_whole_is_refused() -> None:
    from models.errors import RequestError

    assert warning_saving._bytes("data:image/png;base64,AAAA") == b"\0\0\0"
    with pytest.raises(RequestError, match="send it again"):
        warning_saving._bytes("data:image/png;base64,A*")


def test_the_names_of_one_person_firms_are_masked_for_whoever_may_not_see_them(warned: Any) -> None:
    row = {
        "name": "张三", "entity_type": "个体工商户", "grid_code": "500110001", "district_code": "500110",
        "industry_section": "F", "established_on": None, "address": None, "lon": None, "lat": None,
    }  # fmt: skip
    planner = SimpleNamespace(id="p", has=lambda roles: False, works_in=lambda area: True)
    assert casefile._member("x", row, None, planner).name == "张**"
    assert casefile._member("x", row, None, access.LOCAL).name == "张三"


def test_an_issued_document_is_given_on_paper_to_who_works_in_the_area_and_the_taking_is_logged(warned: Any) -> None:
    from flask import Flask

    from layers.api import errors, field_work

    context = warned(access.LOCAL)
    store = context.store
    made = store.issue_document(
        "核查", "查清经营场所: 一址多照", organ="市监", actor="王", as_of=WARNED.AS_OF, at=WARNED.NOON,
        warning_key=WARNED.BURST,
    )  # fmt: skip
    loose = store.issue_document("核查", "x", organ="市监", actor="王", as_of=WARNED.AS_OF, at=WARNED.NOON)

    def ask(actor: Actor, document: object, lang: str = "zh-Hans") -> Any:
        server = Flask("t")
        server.register_blueprint(field_work.blueprint(store=store, city=context.city, actor_of=lambda: actor))
        errors.register(server)
        given = {"document": str(document), "lang": lang}
        return server.test_client().post("/api/field/document", data=given)

    before = store.verify_access_log().entries
    answer = ask(access.LOCAL, made["document_id"])
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert store.verify_access_log().entries == before + 1
    assert ask(ELSEWHERE, made["document_id"]).status_code == 403
    assert ask(access.LOCAL, 999).status_code == 404
    assert ask(access.LOCAL, loose["document_id"]).status_code == 400
    assert ask(access.LOCAL, "1; drop").status_code == 400
    assert store.verify_access_log().entries == before + 1
