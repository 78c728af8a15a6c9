"""Have the standard's own libraries verify what we sign, in Python and in JavaScript."""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
import tempfile
from pathlib import Path

from standardwebhooks import Webhook

from alerts.channels.webhook import _headers, _signers
from alerts.payload import as_json

from .table import Row

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_VERIFY_JS = """
const { Webhook } = require("standardwebhooks");
const lines = require("fs").readFileSync(process.argv[2], "utf8").trim().split("\\n");
let good = 0, forged = 0;
for (const line of lines) {
  const { body, headers, changed } = JSON.parse(line);
  const raw = Buffer.from(body, "base64");
  try { new Webhook(process.argv[3]).verify(raw, headers); good++; } catch (error) {}
  try { new Webhook(process.argv[3]).verify(Buffer.from(changed, "base64"), headers); forged++; } catch (error) {}
}
console.log(JSON.stringify({ good, forged }));
"""


def signatures(cases: int) -> list[Row]:
    """Row B1: bodies of all kinds, from empty to 20 kB, signed as ours are; the same with one bit flipped."""
    dice = random.Random(7)
    signers = _signers("bench", SECRET)
    lines, good, forged = [], 0, 0
    for number in range(cases):
        body = _body(dice, number)
        headers = _headers(f"dl_{number}", body, signers)
        raw = body.encode()
        place = dice.randrange(len(raw) * 8)
        changed = bytearray(raw)
        changed[place // 8] ^= 1 << place % 8
        good += _verifies(raw, headers)
        forged += _verifies(bytes(changed), headers)
        encoded = {"body": base64.b64encode(raw).decode(), "changed": base64.b64encode(changed).decode()}
        lines.append(json.dumps(encoded | {"headers": headers}))
    asked = "verified 100 %, with one bit flipped 0"
    return [
        Row(
            f"signatures of {cases:,} bodies, Python verifier", asked, f"{good:,} verified, {forged} flipped"
        ),
        Row(f"signatures of {cases:,} bodies, JavaScript verifier", asked, _in_javascript(lines)),
    ]


def _body(dice: random.Random, number: int) -> str:
    letters = [*'abc {}"\\/<>&', "粤", "🚀", "\u2028", "\u0000", "e\u0301", "\ud800", "\r\n"]
    length = dice.choice((0, 1, 40, 400, 4000 if number % 10 else 0))
    text = "".join(dice.choices(letters, k=length))
    return as_json({"type": dice.choice(("alert", "digest", "notice")), "text": text, "number": number})


def _verifies(body: bytes, headers: dict[str, str]) -> bool:
    try:
        Webhook(SECRET).verify(body, headers, json_parse=False)
    except Exception:  # noqa: BLE001 - whatever it objects to, it did not accept
        return False
    return True


def _in_javascript(lines: list[str]) -> str:
    """Install the verifier into a folder that is thrown away and ask it; say so where this machine cannot."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return "not tried: this machine has no node and npm"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cases").write_text("\n".join(lines))
        (folder / "verify.cjs").write_text(_VERIFY_JS)
        install = [npm, "install", "--silent", "--no-audit", "--no-fund", "standardwebhooks"]
        if subprocess.run(install, cwd=folder, capture_output=True, check=False).returncode != 0:
            return "not tried: npm could not install standardwebhooks"
        verify = [node, "verify.cjs", "cases", SECRET]
        told = subprocess.run(verify, cwd=folder, capture_output=True, check=True)
    result = json.loads(told.stdout)
    return f"{result['good']:,} verified, {result['forged']} flipped"
