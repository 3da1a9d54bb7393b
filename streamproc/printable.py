"""What others wrote, as it may be shown: nothing in it moves a cursor, hides, turns round or begins a line of its own.

Ids, traits, topics, file names and messages come from outside. A terminal obeys what stands in them: control sequences
clear the screen, change its title or fake a line; format characters turn the reading direction or cannot be seen.
"""


def printable(text: str) -> str:
    r"""The text in one line, with every character visible: what is none stands there as its escape.

    Letters of all scripts, marks, symbols and emoji stay; control and format characters, line and paragraph separators,
    surrogates, private and unassigned ones are escaped; every kind of space is a plain one.

    >>> printable("caf\u00e9\u00a0\U0001f6d2")
    'café 🛒'
    >>> print(printable("\x1b[2Jpaid\n\u202edellecnac"))
    \x1b[2Jpaid\n\u202edellecnac
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() and character not in _BREAKS else character.encode("unicode_escape").decode()


_BREAKS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")
"""What Python counts as space, and a terminal takes for more than a gap."""
