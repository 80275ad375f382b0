"""What the store refuses, in the language of the page: its English sentence with the numbers and names it holds.

The store writes one English sentence for whoever must act (`models.errors`). The texts ``refusal.*`` of the English
catalogue are the same sentences as patterns; what a placeholder matched goes into the sentence of the other language
as it stands, but for words of the program itself (states and steps of a matter), which are said in that language too.
"""

from __future__ import annotations

from layers.text import has, text, translate
from models.errors import CityhexError

SPOKEN = ("state", "action", "steps")
"""Placeholders that hold words of the program; ``matter`` is a word and a number."""


def refusal(error: CityhexError | str, lang: str) -> str:
    """The sentence of an error in a language; as it is where the catalogue does not hold it.

    Parameters
    ----------
    error : what was raised, or its text
    lang : language of the page
    """
    sentence = str(error)
    about_task = sentence.startswith("task ")

    def say(name: str, value: str) -> str:
        if name == "matter":
            return translate(value, "refusal_matter", lang)
        if name not in SPOKEN:
            return value
        steps = [step.split(" as ") for step in value.split(", ")]
        return text("refusal_list.and", lang).join(
            text("refusal_list.as", lang, step=_word(step[0], lang, task=about_task), end=_word(step[1], lang))
            if len(step) == 2
            else _word(value if name == "state" else step[0], lang, task=about_task)
            for step in steps
        )

    return translate(sentence, "refusal", lang, say)


def _word(word: str, lang: str, *, task: bool = False) -> str:
    """A state or step in a language; as it is where nothing names it."""
    groups = ("casework.task_state", "casework.state") if task else ("casework.state", "casework.task_state")
    for group in (*groups, "casework.action"):
        if has(f"{group}.{word}", lang):
            return text(f"{group}.{word}", lang)
    return translate(word, "refusal_word", lang)
