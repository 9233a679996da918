"""Word lists and patterns for hiding people: what may stand for a name, what is no name, what an address looks like."""

from studio.importers._wording import word_list, word_set

NEUTRAL_NAMES = word_list(
    """Robin Kim Alex Sam Charlie Taylor Jordan Morgan Riley Casey Jamie Avery Quinn Rowan Sasha Noa Sidney Emery Ellis
Marlow Arden Briar Campbell Dakota Devon Eden Finley Harper Hollis Indigo Jules Kendall Lennox Linden Mika Nico
Oakley Parker Peyton Reese Remy Sage Shiloh Sky Tatum Tobin Toni Wren Yael Zion"""
)

GENERIC_NAMES = word_set(
    """user you me i myself unknown narrator human assistant system admin moderator someone somebody anonymous guest
person bot char character persona du ich tu je yo eu io sie er mom mum dad mama papa home work boss {{user}}
{{char}}"""
)
"""Called so, nobody is named; such a word is never looked for in what is said."""

NAMES_THAT_ARE_WORDS = word_set(
    """will mark grace may joy hope rose art bill sue rob drew chase max pat dean earl faith frank guy jack jay june
april august autumn summer winter ivy iris lily violet daisy ruby amber pearl crystal dawn eve gene glen grant
hank heath hunter king lance miles norm olive peg penny pierce randy ray reed rich rusty sandy sky
stew trip van wade ward warren woody angel buck carol christian cliff dick don duke ginger holly jean jewel
josh kitty lane lee mercy patience prudence skip star sunny wren baron bishop ernst engel klein lang rosa
sol luz paz marina vera claire pierre laurent blanche rock"""
)

PARTICLES = word_set(
    """a al and da das de del della der di do dos du e el en ibn la le los mac mc of the til und van von y zu mr mrs ms
dr"""
)

DETERMINERS = word_set("""the a an some this every another ein eine einen einem un une una um uma""")
"""A word behind one of these is no name."""

_HOSTS = """facebook.com fb.com fb.me m.me messenger.com instagram.com twitter.com x.com threads.net tiktok.com
    snapchat.com linkedin.com t.me telegram.me wa.me chat.whatsapp.com discord.gg discord.com vk.com ok.ru
    tumblr.com soundcloud.com github.com gitlab.com mastodon.social bsky.app onlyfans.com patreon.com ko-fi.com
    paypal.me paypal.com venmo.com cash.app account.venmo.com strava.com steamcommunity.com xing.com line.me
    kik.me zoom.us meet.google.com teams.microsoft.com calendly.com linktr.ee maps.google.com maps.app.goo.gl
    goo.gl docs.google.com drive.google.com photos.app.goo.gl dropbox.com 1drv.ms icloud.com"""
PERSONAL_HOSTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(word_list(_HOSTS), ("",)),
    "reddit.com": ("u/", "user/"),
    "youtube.com": ("@", "c/", "user/", "channel/"),
    "twitch.tv": ("",),
    "open.spotify.com": ("user/", "playlist/"),
    "pinterest.com": ("",),
    "google.com": ("maps",),
    "airbnb.com": ("users/",),
}
"""Hosts, and how the path begins there that leads to somebody: a profile, an invitation, a place, a shared folder."""

PHONE_REGIONS = word_list("""US GB DE FR ES IT NL BR IN MX RU TR PL AU SE CH AT BE PT JP KR CN UA AR CO ID PH ZA NG""")

IBAN_LENGTHS = {
    pair[:2]: int(pair[2:])
    for pair in word_list(
        """AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18
FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LI21 LT20 LU20
LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19
SK24 SM27 TN24 TR26 UA29 VA22 VG24 XK20"""
    )
}
