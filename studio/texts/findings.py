"""What checks and importers find: code to its title and why it matters (both for ``tr`` without values)."""

FINDINGS: dict[str, tuple[str, str]] = {
    # what stops a run
    "no_persona_turns": (
        "Conversations in which the persona says nothing",
        "There is nothing to learn from them. Check who is the persona in the file.",
    ),
    "template_tokens": (
        "Control tokens of a chat format inside the words",
        "Marks such as <|im_start|> or [INST] end or begin turns for the model; learned as words, they break its replies. Delete them.",
    ),
    "think_block": (
        "<think> blocks in the persona's turns",
        "The persona would learn to think aloud in front of the reader. Delete the blocks.",
    ),
    # what is worth a look
    "unresolved_macros": (
        "Placeholders that nothing fills in",
        "Only {{char}} and {{user}} are filled in; others, such as {{random:…}}, would be learned as words.",
    ),
    "empty_turns": (
        "Empty turns",
        "An empty turn teaches the persona to say nothing. Delete it, or write what was meant.",
    ),
    "wrong_speaker_bleed": (
        "The persona speaks for somebody else",
        "A line inside the persona's turn begins with another speaker's name; learned, the persona writes the user's part too. Split the turn.",
    ),
    "out_of_character": (
        "Talk outside the story",
        "Remarks such as ((brb)) or 'out of character' become part of the persona. Delete them or switch those turns off.",
    ),
    "assistant_boilerplate": (
        "Phrases of an assistant",
        "Sentences such as 'As an AI' belong to the model that wrote them, not to the persona. Rewrite them or switch those turns off.",
    ),
    "duplicate_turns": (
        "The same line more than twice",
        "Repeated lines are memorised first and come up everywhere. Keep one or two of them.",
    ),
    "same_opening": (
        "Many turns begin with the same three words",
        "The persona will begin most replies that way. Vary the beginnings.",
    ),
    "few_turns": (
        "Few turns of the persona",
        "With fewer than 50 there is too little to learn from; under 300 carry the voice, but hardly any knowledge. Add data if you can.",
    ),
    # what is good to know
    "one_word_turns": (
        "Turns of a single word",
        "Some are natural; many make for a curt persona.",
    ),
    # what was left out or guessed while a file was read
    "encoding_guessed": (
        "Lines that were not UTF-8",
        "They were read as Windows-1252. Look whether accents and quotation marks are right.",
    ),
    "ooc_removed": (
        "Remarks outside the story were taken out",
        "Text in ((…)), [OOC: …] and (OOC: …) was not imported.",
    ),
    "hidden_lines_left_out": (
        "Hidden lines were left out",
        "The chat had messages that were hidden from the model; they were not imported.",
    ),
    "scenes_left_out": (
        "Scenes without the persona were left out",
        "Nothing can be learned from scenes in which the persona does not speak.",
    ),
    "records_without_turns": (
        "Records without turns were left out",
        "They held no messages.",
    ),
}
