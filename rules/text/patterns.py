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
TIMED = re.compile(
    r"\(?\d{1,2}[:.h]\d\d(?:\s?[ap]m)?\s*(?:[-–—]|to|bis|à)\s*\d{1,2}[:.h]\d\d(?:\s?[ap]m)?\)?\s*[:：\-–]?\s+(?=[^\W\d_])"
)
"""When an item of a timed agenda comes."""
SLOT = re.compile(r"\s*(?:[.…․]{3,}|…|_{3,19})\s*")
HINT = re.compile(r"\s*(?:\(.{3,200}\)|（.{2,200}）)\W*")
"""A line in brackets: what a form says of itself."""
"""A line that waits to be written on."""
DETAIL = re.compile(
    r"(?:event name|event|event date.time|invitee|invitee email|invitee time zone|location|where|when|date"
    r"|time|start|end|duration|host|organi[sz]er|attendees|participants|guests|who|room|address|dress code"
    r"|parking|phone|tel|mobile"
    r"|ort|wo|wann|datum|uhrzeit|zeit|dauer|raum|teilnehmer|lieu|ou|quand|heure|duree|salle|participants"
    r"|lugar|donde|cuando|fecha|hora|duracion|sala|participantes|local|onde|quando|data|horario|duracao"
    r"|luogo|dove|ora|durata|partecipanti|locatie|waar|wanneer|tijd|duur|deelnemers|zaal"
    r"|場所|日時|時間|参加者|会議室|开始时间|时间|地点|参会人|会议室|会议时间|meeting id|passcode|pin|id"
    r"|password|kennwort|contrasena|mot de passe|senha|codice|wachtwoord|ミーティングid|パスコード|会议号"
    r"|会议 id|会议id|密码|会议密码)\s*[:：]"
)
"""A detail of time, place or people with its label (folded text)."""
