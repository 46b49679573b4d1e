"""What addresses, numbers and bullets look like in a line of text."""

import re

URL = re.compile(r"\(?<?\b(?:https?://|www\.)[^\s<>\"\]）」]{1,2000}>?\)?", re.IGNORECASE)
EMAIL = re.compile(r"<?(?:mailto:)?[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,6}>?")
DIGIT = re.compile(r"\d")
PHONE = re.compile(r"(?<![\w/])(?:\+|tel:|\(\+?\d)[\d\s().#,*\-–/]{6,40}\d#?")
BULLET = re.compile(
    r"[\s>]*(?:[-*•·●▪◦‣⁃○■□☐☑✓✔➤►→–—・※◆◇]|\d{1,2}[.)．、）](?!\d)|[(（]\d{1,2}[)）]|[a-zA-Z][.)](?=\s)"
    r"|[①-⑳]|[一二三四五六七八九十]{1,2}、|\[[ xX]?\])\s*"
)
