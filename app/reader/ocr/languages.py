"""Which languages the bundled recognition model reads, and what the others need."""

from __future__ import annotations

from app.catalog.languages import Packs
from app.core.language import PackSpec
from app.core.words.sizes import size

LETTERS: dict[str, tuple[str, str]] = {
    "af": ("Afrikaans", "áéèêëíîïóôúû"),
    "az": ("Azerbaijani", "çəğıöşüİƏ"),
    "bs": ("Bosnian", "čćđšž"),
    "ca": ("Catalan", "àçèéíïòóúü·"),
    "cs": ("Czech", "áčďéěíňóřšťúůýž"),
    "da": ("Danish", "æøåé"),
    "de": ("German but for „", "äöüß€§“"),
    "en": ("English", "£—’“”"),
    "eo": ("Esperanto", "ĉĝĥĵŝŭ"),
    "es": ("Spanish but for ¡", "áéíñóúü¿"),
    "et": ("Estonian", "äõöüšž"),
    "eu": ("Basque", "ñç"),
    "fi": ("Finnish", "äöå"),
    "fr": ("French", "àâæçéèêëîïôœùûüÿ«»"),
    "ga": ("Irish", "áéíóú"),
    "gl": ("Galician", "áéíñóúü"),
    "hr": ("Croatian", "čćđšž"),
    "hu": ("Hungarian", "áéíóöőúüű"),
    "id": ("Indonesian", "é"),
    "is": ("Icelandic", "áðéíóúýþæö"),
    "it": ("Italian", "àèéìíîòóùú"),
    "ja": ("Japanese", "あいんアイン・ー日本語漢字、。「」"),
    "la": ("Latin", "æœ"),
    "lt": ("Lithuanian", "ąčęėįšųūž"),
    "lv": ("Latvian", "āčēģīķļņšūž"),
    "ms": ("Malay", "é"),
    "mt": ("Maltese", "ċġħż"),
    "nl": ("Dutch", "ëïéèĳ"),
    "no": ("Norwegian", "æøåéò"),
    "pl": ("Polish", "ąćęłńóśźż"),
    "pt": ("Portuguese", "ãáâàçéêíõóôú"),
    "ro": ("Romanian", "ăâîșțşţ"),
    "sk": ("Slovak", "áäčďéíĺľňóôŕšťúýž"),
    "sl": ("Slovene", "čšž"),
    "sq": ("Albanian", "çë"),
    "sv": ("Swedish", "åäöé"),
    "sw": ("Swahili", "’"),
    "tr": ("Turkish", "çğıİöşü"),
    "zh": ("Chinese", "中文简体繁體學习。《》"),
}
"""Code of ISO 639-1: name, and letters beyond ASCII without which it cannot be read."""


def chosen(codes: str, packs: Packs) -> tuple[PackSpec | None, str]:
    """The pack that languages such as "de,ru" or "de+ru" need, or None; and what is wrong, or "".

    The bundled model's own need none.
    """
    asked = [code for code in codes.replace("+", ",").lower().replace(" ", "").split(",") if code]
    others = [code for code in asked if code not in LETTERS]
    if not asked:
        return None, f"--lang {codes!r} names no language. `languages` lists them."
    if not others:
        return None, ""
    if unknown := [code for code in others if packs.of_language(code) is None]:
        reasons = [reason for code in unknown if (reason := packs.why_not(code))]
        return None, " ".join(
            reasons
            or [f"There is no model for {', '.join(unknown)}. `languages` lists what can be read."]
        )
    fitting = [pack for pack in packs.entries if dict(pack.languages).keys() >= set(others)]
    if not fitting:
        return None, (
            f"{', '.join(others)} need more than one language pack, and one is used at a time. "
            "Read once for each."
        )
    for pack in fitting:
        if (spec := pack.spec()) is not None:
            return spec, ""
    pack = fitting[0]
    return None, (
        f"{', '.join(dict(pack.languages)[code] for code in others)} needs a language pack that "
        f"is not on this disk. This fetches its {size(pack.size)} from {pack.host}: "
        f"`languages pull {pack.id}`"
    )
