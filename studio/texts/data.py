"""Sentences about data: editing, checking, versions, exports and drafts from a card. Code to sentence."""

DATA: dict[str, str] = {
    # editing
    "split_empty": "Nothing was split: there have to be words on both sides.",
    "merge_needs_two": "Choose at least two to merge.",
    "move_onto_itself": "These cannot be moved before one of themselves. Choose another place.",
    "no_conversations": "No conversation is like that, so nothing was changed.",
    "pattern_empty": "There is nothing to look for. Type the words or the pattern to find.",
    "pattern_invalid": "This pattern cannot be used: {reason}. Switch regular expressions off to look for it as plain words.",
    "pattern_too_slow": "The pattern takes too long on some texts (over {seconds} s on one of them), so nothing was changed. Make it simpler: repeated groups such as (a+)+ are the usual reason.",
    "repair_unknown": "There is no repair called '{name}'. Known: {known}.",
    # versions
    "export_nothing": "Nothing was exported: the version holds nothing that this format can take on that side.",
    "export_side_unknown": "'{side}' is no side of a version. Choose one of: {known}.",
    "version_of_another": "These two versions belong to different personas and cannot be compared.",
    # drafts from a card
    "drafts_used_up": "Every question of these kinds was answered for {name} already. Choose other kinds, or decide on the drafts that wait.",
    "card_empty": "{name} has no card to write from. Describe the character on the Card tab first, or import a card.",
}
