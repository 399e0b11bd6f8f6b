import time

import pytest

from ai_ml.summarize import split_sentences, summarize

TEXT = (
    "The harbour opens at six. A ferry leaves the harbour every hour. Breakfast was cold. "
    "In winter the ferry leaves the harbour every second hour. Somebody sang."
)


def test_a_summary_holds_the_sentences_with_the_most_frequent_words() -> None:
    assert summarize(TEXT, 2) == [
        "A ferry leaves the harbour every hour.",
        "In winter the ferry leaves the harbour every second hour.",
    ]


def test_a_summary_keeps_the_order_of_the_text() -> None:
    chosen = summarize(TEXT, 4)
    assert chosen == [sentence for sentence in split_sentences(TEXT) if sentence in chosen]


def test_the_same_text_always_gives_the_same_summary() -> None:
    assert len({tuple(summarize(TEXT, 3)) for _ in range(10)}) == 1


def test_a_short_text_is_its_own_summary() -> None:
    assert summarize("One sentence only.", 3) == ["One sentence only."]


@pytest.mark.parametrize("text", ["", "  \n\n ", "..."])
def test_a_text_without_words_gives_at_most_itself(text: str) -> None:
    assert " ".join(summarize(text, 3)) == text.strip()


def test_words_without_meaning_do_not_decide() -> None:
    text = "This and that and this and that. Iron ore, iron ore."
    assert summarize(text, 1) == ["Iron ore, iron ore."]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Really? Yes! Good.", ["Really?", "Yes!", "Good."]),
        ("Version 1.2 is out. Get it.", ["Version 1.2 is out.", "Get it."]),
        ("He said “stop.” She did.", ["He said “stop.”", "She did."]),
        ("A heading\n\nA line\nthat goes on.", ["A heading", "A line that goes on."]),
    ],
)
def test_a_text_is_split_at_the_ends_of_its_sentences(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


def test_a_text_of_the_largest_size_does_not_hold_the_service_up() -> None:
    text = "Every good boy deserves fudge and other things. " * 4000
    started_at = time.perf_counter()
    summarize(text, 3)
    assert time.perf_counter() - started_at < 2
