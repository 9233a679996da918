"""The values by which words are drawn, as options for a form. Knows no Qt."""

from studio.options import Option

SAMPLING = {
    one.name: one
    for one in (
        Option(name="temperature", label="Temperature", kind=float, minimum=0, maximum=5,
               help="How bold the choice of words is; 0 always takes the likeliest."),
        Option(name="top_p", label="Top-p", kind=float, minimum=0.01, maximum=1,
               help="Only the likeliest words that together reach this share are drawn from; 1 is off."),
        Option(name="top_k", label="Top-k", kind=int, minimum=0, maximum=1000,
               help="Only this many of the likeliest words are drawn from; 0 is off."),
        Option(name="min_p", label="Min-p", kind=float, minimum=0, maximum=1,
               help="Leaves out words that are less likely than this share of the likeliest; 0 is off."),
        Option(name="repetition_penalty", label="Repetition penalty", kind=float, minimum=0.5, maximum=3,
               help="Above 1, words that were said already become less likely."),
        Option(name="max_tokens", label="Most tokens", kind=int, minimum=1, maximum=8192,
               help="A reply ends after so many tokens at the latest."),
        Option(name="dry_multiplier", label="DRY strength", kind=float, minimum=0, maximum=5,
               help="Against loops: what would go on with a sequence said before becomes less likely; 0 is off."),
        Option(name="dry_base", label="DRY growth", kind=float, minimum=1, maximum=4,
               help="How much stronger that is with each further word of the sequence."),
        Option(name="dry_allowed_length", label="DRY allowed length", kind=int, minimum=1, maximum=20,
               help="Sequences of so many tokens may be repeated freely."),
    )
}  # fmt: skip
