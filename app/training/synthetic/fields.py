"""Labelled values: how a document names them and how people ask for them."""

from __future__ import annotations

from dataclasses import dataclass

from app.training.synthetic.values import KINDS
from app.training.synthetic.words import Split, Words


@dataclass(frozen=True, slots=True)
class Field:
    """What a document may call a value, how it is asked for, and what it looks like.

    `whole` are questions that need no label. Two fields that share an ask or a
    label never stand in one document.
    """

    labels: tuple[str, ...]
    asks: tuple[str, ...]
    kind: str
    whole: tuple[str, ...] = ()


def _field(labels: str, asks: str, kind: str, whole: str = "") -> Field:
    def split(text: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in text.split(";") if part.strip())

    return Field(split(labels), split(asks), kind, split(whole))


TOTAL = _field(
    "Total; Total due; Amount due; Grand total; Total amount; Total to pay; Balance due",
    "total; total; total; total amount",
    "money",
    "How much is it in total?; How much do I have to pay?; What does it cost in total?;"
    " How much was paid in total?",
)
SUBTOTAL = _field("Subtotal; Sub-total; Sub total; Net total", "subtotal", "money")
TAX = _field(
    "Tax; VAT; Sales tax; VAT 19%; Tax 8%",
    "tax; VAT",
    "money",
    "How much tax is there?; How much is the tax?",
)
CASH = _field("Cash; Cash paid; Cash tendered", "cash", "money", "How much cash was given?")
CHANGE = _field(
    "Change; Change due", "change", "money", "How much change was given?; How much change is there?"
)
TIP = _field("Tip; Gratuity", "tip", "money", "How much is the tip?")
DISCOUNT = _field("Discount; Rebate", "discount", "money")
DATE = _field("Date", "date", "date", "What day is it from?; When was it?; What is the date?")
TIME = _field("Time", "time", "time", "What time was it?; At what time was it?")
PHONE = _field(
    "Phone; Tel; Tel.; Telephone; Phone number; Phone no.",
    "phone number; telephone number; phone", "phone",
    "Which number can I call?",
)  # fmt: skip
EMAIL = _field(
    "E-mail; Email; Mail; E-mail address", "e-mail address; email; e-mail; email address", "email"
)
NUMBER = _field(
    "Receipt no.; Receipt #; Receipt number; Receipt",
    "receipt number; number of the receipt",
    "code",
)
CASHIER = _field(
    "Cashier; Served by; Clerk", "cashier", "person", "Who was the cashier?; Who served?"
)
ERROR_CODE = _field(
    "Error code; Code; Error",
    "error code; code",
    "code",
    "What is the error code?; Which error code is shown?",
)

RECEIPT = (SUBTOTAL, TAX, CASH, CHANGE, TIP, DISCOUNT, DATE, TIME, PHONE, NUMBER, CASHIER)

FORM = (
    TOTAL, SUBTOTAL, TAX, DISCOUNT, DATE, TIME, PHONE, EMAIL,
    _field("Invoice no.; Invoice number; Invoice #; Invoice no",
        "invoice number; number of the invoice", "code"),
    _field("Order number; Order no.; Order ID; Order", "order number; order ID", "code"),
    _field("Customer; Customer name; Client; Bill to", "customer; customer", "person",
        "Who is the customer?; Who has to pay?"),
    _field("Due date; Due; Payment due; Due by", "due date", "date",
        "When is it due?; When does it have to be paid?; When is the payment due?"),
    _field("Name; Full name", "name; full name", "person", "Who is it?; What is the name?"),
    _field("Address; Street address", "address", "address",
        "Where do they live?; What is the address?"),
    _field("City; Town", "city; town", "town", "Which city is it?"),
    _field("Date of birth; Birth date; Born", "date of birth; birthday", "date",
        "When were they born?"),
    _field("Employer; Company", "company; employer", "company", "Which company is it?"),
    _field("Manager; Supervisor", "manager", "person", "Who is the manager?"),
    _field("Author; Written by", "author", "person", "Who is the author?; Who wrote it?"),
    _field("IBAN; Account number; Account no.", "account number; IBAN", "code"),
    _field("Website; Web; Homepage", "website; web address", "website"),
    _field("Booking reference; Reference; Ref.; Reference no.", "reference; booking reference",
        "code"),
    _field("Flight; Flight no.", "flight; flight number", "code", "Which flight is it?"),
    _field("Gate", "gate", "code", "Which gate is it?"),
    _field("Seat", "seat", "code", "Which seat is it?"),
    _field("Departure; Departs", "departure", "time",
        "When does it leave?; When is the departure?"),
    _field("Arrival; Arrives", "arrival", "time", "When does it arrive?; When is the arrival?"),
    _field("Doctor; Physician", "doctor", "person", "Who is the doctor?"),
    _field("Patient", "patient", "person", "Who is the patient?"),
    _field("Weight", "weight", "quantity", "How heavy is it?"),
    _field("Size", "size", "quantity", "How large is it?"),
    _field("Version", "version", "version", "Which version is it?; What version is installed?"),
    _field("Status", "status", "choice"),
    _field("Quantity; Qty", "quantity", "number"),
    _field("Price; Unit price", "price", "money", "How much does it cost?"),
    _field("Serial number; Serial no.; S/N", "serial number", "code"),
    _field("Model; Model no.", "model", "code", "Which model is it?"),
)  # fmt: skip

SETTINGS = (
    _field("Language", "language", "choice", "Which language is set?; Which language is chosen?"),
    _field("Volume", "volume", "percentage", "How loud is it?"),
    _field("Brightness", "brightness", "percentage"),
    _field("Resolution", "resolution", "quantity"),
    _field("Theme", "theme", "choice", "Which theme is set?; Which theme is chosen?"),
    _field("Font size", "font size", "number"),
    _field("Time zone", "time zone", "choice", "Which time zone is set?"),
    _field("User name; Username; User", "user name; user", "email", "Who is logged in?"),
    _field("Device name; Computer name", "device name; computer name", "code"),
    _field("IP address; IP", "IP address", "code"),
    _field(
        "Download folder; Save to; Folder",
        "download folder; folder",
        "path",
        "Where are files saved?",
    ),
    _field(
        "Version; Installed version",
        "version",
        "version",
        "Which version is it?; What version is installed?",
    ),
    _field("Memory; RAM", "memory", "quantity", "How much memory is there?"),
    _field("Free space; Storage", "free space; storage", "quantity", "How much space is left?"),
    _field("Battery", "battery; battery level", "percentage", "How full is the battery?"),
    _field("Port", "port", "number", "Which port is used?"),
    _field("Server; Host", "server; host", "website", "Which server is used?"),
)

_GENERIC = (
    "What is the {}?", "What is the {}?", "What is the {}?", "what is the {}", "What's the {}?",
    "{}?", "{}", "Tell me the {}.",
    "What does it say for {}?", "Give me the {}", "Read the {}.", "What is the value of {}?",
    "Can you tell me the {}?", "Please read out the {}.", "Find the {}.",
    "What is written next to {}?",
    "Which {} is shown?", "show the {}", "What {} is given?",
    "Could you tell me the {}?", "Can you read the {}?", "I want to know the {}.",
    "Do you see the {}?", "what does {} say", "{} please", "Please find the {} for me.",
    "I am looking for the {}.", "What is the {} here?", "Could you find the {}?",
)  # fmt: skip
_BY_KIND = {
    "money": ("How much is the {}?", "How much is the {}?", "How high is the {}?",
    "how much is the {}", "How much was the {}?"),
    "number": ("How much is the {}?", "How large is the {}?", "How many are there for {}?"),
    "quantity": ("How much is the {}?", "How large is the {}?"),
    "percentage": ("How high is the {}?", "How much is the {}?", "What percentage is the {}?"),
    "date": ("When is the {}?", "When was the {}?", "On which day is the {}?"),
    "time": ("When is the {}?", "At what time is the {}?"),
    "person": ("Who is the {}?", "Who is the {}?", "who is the {}"),
    "address": ("Where is the {}?",),
    "choice": ("What is the {} set to?", "What is {} set to?", "Which {} is chosen?"),
    "code": ("Which {} is it?",),
}  # fmt: skip
_LAST_WORDS = ("no.", "ID", "date", "time", "name", "rate", "code", "limit", "type")
_HELD_OUT = (
    "Could you read the {} for me?",
    "I need the {}.",
    "What do you see for {}?",
    "please give me the {}",
)


def ask(words: Words, label: str, kind: str) -> str:
    """A question for what stands beside `label`."""
    chance = words.chance
    if words.split is Split.HELD_OUT and chance.random() < 0.2:
        form = chance.choice(_HELD_OUT)
    elif kind in _BY_KIND and chance.random() < 0.35:
        form = chance.choice(_BY_KIND[kind])
    else:
        form = chance.choice(_GENERIC)
    return form.format(as_asked(words, label))


def as_asked(words: Words, label: str) -> str:
    """`label` as a person types it: mostly in lower case, seldom as it stands."""
    label = label.rstrip(":. ")
    form = words.chance.random()
    if form < 0.6 and words.chance.random() >= words.exact:
        return label if label.isupper() and len(label) < 5 else label.lower()
    return label if form < 0.95 else f'"{label}"'


def made_up(words: Words) -> Field:
    """A field with a label from anywhere, so that looking up is learned and not a list."""
    chance = words.chance
    label = words.phrase(1, 2) if chance.random() < 0.75 else words.phrase(2, 3)
    if chance.random() < 0.12:
        label = f"{label} {chance.choice(_LAST_WORDS)}"
    label = label[0].upper() + label[1:]
    return Field((label,), (label,), chance.choice(list(KINDS)))
