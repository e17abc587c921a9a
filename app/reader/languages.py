"""Which languages the bundled recognition model reads, by the letters in its list."""

from __future__ import annotations

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


def known(codes: str) -> tuple[list[str], list[str]]:
    """The codes in a text like "de,en" or "de+en", and those of them that are not read."""
    asked = [code for code in codes.replace("+", ",").lower().replace(" ", "").split(",") if code]
    return asked, [code for code in asked if code not in LETTERS]
