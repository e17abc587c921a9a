"""A 1080p screenshot as people take them: a window with text on a desktop."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ROWS = [
    ("Invoice number", "INV-2041-77"),
    ("Customer", "Northwind Traders"),
    ("Order date", "2026-04-18"),
    ("Delivery", "Express"),
    ("Contact", "orders@northwind.example"),
    ("Phone", "+44 20 5550 0199"),
    ("Warehouse", "Bristol 4"),
    ("Weight", "18.4 kg"),
    ("Parcels", "3"),
    ("Insurance", "Included"),
    ("Payment terms", "30 days"),
    ("Currency", "EUR"),
    ("Subtotal", "1,284.00"),
    ("Discount", "64.20"),
    ("Tax 19%", "231.76"),
    ("Total", "1,451.56"),
]
NAVIGATION = ["Overview", "Orders", "Invoices", "Customers", "Stock", "Reports", "Settings"]
QUESTION = "What is the total?"


def draw_screenshot(path: Path) -> Path:
    """Draw it as a PNG of 1920×1080 pixels."""
    font = ImageFont.load_default(20)
    large = ImageFont.load_default(30)
    image = Image.linear_gradient("L").resize((1920, 1080)).convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((220, 90, 1700, 1000), 14, fill="#ffffff")
    draw.rectangle((220, 140, 500, 1000), fill="#eef1f4")
    draw.text((250, 102), "Order desk", font=font, fill="#202020")
    for index, name in enumerate(NAVIGATION):
        draw.text((250, 170 + 44 * index), name, font=font, fill="#303030")
    draw.text((540, 165), "Invoice", font=large, fill="#101010")
    for index, (label, value) in enumerate(ROWS):
        top = 230 + 44 * index
        draw.line((540, top + 36, 1660, top + 36), fill="#dddddd")
        draw.text((540, top), label, font=font, fill="#303030")
        width = draw.textlength(value, font=font)
        draw.text((1660 - width, top), value, font=font, fill="#101010")
    image.save(path)
    return path
