"""Extractive summary: the sentences whose words are the most frequent in the text, in their order."""

import re
from collections import Counter

_SENTENCE_END = re.compile(r"""(?<=[.!?…])\s+|(?<=[.!?…]["'”)\]])\s+|\n\s*\n""")
_WORD = re.compile(r"[^\W\d_]{3,}")
_STOP_WORDS = frozenset(
    "about after all also and any are because been before being but can could did does for from had has have "
    "her here him his how into its more most not now off once only other our out over own same she should "
    "some such than that the their them then there these they this those through too under until very was "
    "were what when where which while who why will with would you your".split()
)


def split_sentences(text: str) -> list[str]:
    parts = (" ".join(part.split()) for part in _SENTENCE_END.split(text))
    return [part for part in parts if part]


def summarize(text: str, sentences: int) -> list[str]:
    """The `sentences` most telling sentences of the text, in the order of the text."""
    candidates = split_sentences(text)
    words = [_content_words(candidate) for candidate in candidates]
    frequency = Counter(word for of_sentence in words for word in of_sentence)

    def score(index: int) -> float:
        # The root of the length: a plain sum prefers long sentences, a mean prefers three words.
        of_sentence = words[index]
        return sum(frequency[word] for word in of_sentence) / max(len(of_sentence), 1) ** 0.5

    # sorted() is stable: of two sentences with the same score, the earlier one wins.
    best = sorted(range(len(candidates)), key=score, reverse=True)[:sentences]
    return [candidates[index] for index in sorted(best)]


def _content_words(sentence: str) -> list[str]:
    return [word for word in _WORD.findall(sentence.casefold()) if word not in _STOP_WORDS]
