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
        "Many turns begin with the same words",
        "The persona will begin most replies that way. Vary the beginnings, or switch the surplus off.",
    ),
    "mojibake": (
        "Garbled letters",
        "Letters such as â€™ or Ã© come from a wrong encoding; the persona would learn to write them. The repair restores what was meant.",
    ),
    "refusals": (
        "Refusals of an assistant",
        "Sentences such as 'I cannot assist with that' teach the persona to drop its part. Switch those turns off, or drop the sentences.",
    ),
    "doubtful_speakers": (
        "Turns whose speaker was guessed",
        "If the guess was wrong, the persona learns somebody else's words. Look at some of them, then confirm all or switch them off.",
    ),
    "personal_data": (
        "Details of real people",
        "Addresses and numbers can come up word for word in what the persona says later. The repair puts [email], [phone] and the like in their place.",
    ),
    "greeting_repeated": (
        "The same greeting in most conversations",
        "A text that is learned in every conversation is known by heart before anything else is. The repair has it learned once.",
    ),
    "near_duplicates": (
        "Conversations or turns that are nearly the same",
        "Copies count several times and crowd out the rest. The repair keeps the longest conversation of each group, and has one of such turns learned.",
    ),
    "split_leak": (
        "The same words on both sides of the split",
        "What is measured was also learned, so the held-out loss looks better than it is. The repair takes the held-out copy away.",
    ),
    "rows_too_long": (
        "Conversations longer than the base can read",
        "They are learned in windows, and a window does not know what came before it. The repair splits them at turns of the user.",
    ),
    "language_drift": (
        "Conversations in another language",
        "The persona would change its language by chance. Keep them only if it is meant to speak several.",
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
    "mixed_styles": (
        "Several manners of writing",
        "Asterisks here and quotation marks there, I and she, now and then: the persona would mix them. A repair writes all turns in one manner.",
    ),
    "role_order": (
        "Turns of one side in a row, or an end without an answer",
        "Chat formats take turns; what follows its own side is joined or refused, and what nobody answers teaches nothing.",
    ),
    "generated_share": (
        "Turns that a model wrote",
        "They teach the manner of that model along with the persona's. Good to know how many there are.",
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
    "chats_left_out": (
        "Chats without the persona were left out",
        "Nothing can be learned from chats in which the persona does not speak.",
    ),
    "story_notes_left_out": (
        "Memory and author's note were left out",
        "They are instructions to the model and nobody's words. Put what matters into the persona's description.",
    ),
    "scenes_left_out": (
        "Scenes without the persona were left out",
        "Nothing can be learned from scenes in which the persona does not speak.",
    ),
    "card_newer_version": (
        "A card of a later version than the studio knows",
        "It was read as far as it is known; everything else in it is kept and written again on export.",
    ),
    "lorebook_goes_to_card": (
        "Entries of a lorebook",
        "They are kept with the persona's card and leave with it; nothing is learned from them.",
    ),
    "card_newer_copy_broken": (
        "The newer of the card's two copies cannot be read",
        "The PNG holds the card twice; the older copy was taken. It may lack the latest changes.",
    ),
    "records_without_turns": (
        "Records without turns were left out",
        "They held no messages.",
    ),
    "tool_turns_left_out": (
        "Talk with tools was left out",
        "Calls of functions and what they answered are no part of a persona's talk.",
    ),
    "attachments_left_out": (
        "Pictures, sounds and files inside messages were left out",
        "Only the words of those messages were imported.",
    ),
    "other_personas_left_out": (
        "Conversations of other characters were left out",
        "The file holds several characters. Import it again for each of the others that you want.",
    ),
    "bad_answers_left_out": (
        "Answers marked as bad were left out",
        "They have no good answer to the same prompt beside them, so there is nothing to learn from them.",
    ),
    "rows_left_out": (
        "Rows of the table were left out",
        "They had more cells than the table has columns, or nothing in the columns that matter. A delimiter inside words needs quotation marks around them.",
    ),
    "sessions_left_out": (
        "Talks without the persona were left out",
        "Between two long pauses the persona wrote nothing; nothing can be learned from there.",
    ),
    "service_lines_left_out": (
        "Lines of the app itself were left out",
        "Who joined, which picture a group got, calls and the like are nobody's words.",
    ),
    "media_left_out": (
        "Messages without words were left out",
        "Pictures, voice messages, stickers and files cannot be learned; words beside them were kept.",
    ),
    "deleted_left_out": (
        "Deleted messages were left out",
        "Only the app's remark was left of them.",
    ),
    "forwarded_left_out": (
        "Forwarded messages were left out",
        "They are somebody else's words, not those of the person who sent them on.",
    ),
    "bots_left_out": (
        "Messages of bots were left out",
        "A program wrote them. If a bot is the persona, choose it as the speaker.",
    ),
    "speakers_doubtful": (
        "Lines whose speaker was guessed",
        "The text does not say who speaks there; it was told from whose turn it was. Look at those of the persona, and confirm or delete them.",
    ),
    "effects_left_out": (
        "Sounds, music and captions without words were left out",
        "Remarks such as [door slams] are nobody's words.",
    ),
    "names_hidden": (
        "People whose names were replaced",
        "Others are called {{user}} or by invented names, and the persona {{char}}. Nicknames that stand nowhere as a sender's name cannot be known: look for them.",
    ),
    "details_hidden": (
        "Personal details were replaced",
        "Mail addresses, phone numbers, postal addresses, account numbers and personal links became [email], [phone] and so on. Unusual spellings may be left: look through the text.",
    ),
}
