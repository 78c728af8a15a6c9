"""Know the phrases and markup names that pages everywhere use around an article: calls, footers, widgets."""

from __future__ import annotations

import re

from crawler.reading.blocks import weigh

_NAMES = (
    "related|recommend\\w*|recirc\\w*|share\\w*|sharing|social\\w*|login|sign-?in|sign-?up|inline-?sign-?up|comments?|reply|replies|rank\\w*"
    "|hot-?(?:list|news|rank)|hotnews|copyright|nav\\w*|menu|breadcrumbs?|newsletter\\w*|subscri\\w*|promo\\w*|sponsor\\w*|advert\\w*"
    "|tags?|tag-?list|footer|side-?bar|popular\\w*|most-?read|trending|author-?bio|bio|more-\\w+|read-?more|outbrain|taboola"
    "|caption|img-?desc\\w*|image-?desc\\w*|image-?credit|photo-?credit|statement|disclaimer|mianze|shengming|xgyd|tuijian|pinglun"
)
# A class name counts as a whole or as one part of a hyphenated or BEM name, never inside a word.
_NAME = re.compile(rf"(?:^|[-_\s])(?:{_NAMES})(?:$|[-_\s])", re.IGNORECASE)
_CALLS = re.compile(
    r"^(?:(?:please )?(?:sign up|subscribe|follow us|follow \w+ on|like us|join (?:us|our)|download (?:the|our)|get in touch|got a story|do you have a story"
    r"|for more stories like this|for the latest|check out more|click here|read more|read also|see also|also read|related:|recommended (?:videos?|stories|reading)"
    r"|most read|watch:|listen:|stay informed|support our|donate|advertisement|share this|this article was (?:originally )?(?:published|first)"
    r"|show comments|leave a comment|we recommend using)\b"
    r"|(?:扫码|扫一扫|扫描(?:下方)?二维码|长按(?:识别)?二维码|识别二维码|点击(?:下载|关注|进入|查看|阅读|此处|图片)|下载(?:客户端|APP|app)|打开(?:APP|app|客户端)"
    r"|关注(?:我们|公众号|微信|官方)|欢迎(?:关注|扫码|订阅|下载|转发)|更多(?:精彩|内容|资讯|新闻|详情)|相关(?:阅读|新闻|推荐|链接|报道|文章|稿件)|延伸阅读|推荐阅读|热门(?:推荐|新闻|文章|评论)"
    r"|猜你喜欢|返回(?:搜狐|顶部|首页|列表)|上一篇|下一篇|分享(?:到|至|让更多)|举报|我要(?:纠错|评论)|网友评论|(?:登录|注册)(?:后|即可|/)|请(?:先)?登录"
    r"|特别声明|免责声明|版权声明|声明[:：]|(?:本文|文章|以上内容)(?:仅|系|为|由)?(?:作者|代表|转载|来自|不代表|不构成)|未经.{0,12}(?:授权|许可|允许)"
    r"|违法和不良信息|互联网新闻信息服务许可证|增值电信|网站地图|联系我们|关于我们|主办单位|承办单位|技术支持|网站标识码|政府网站标识码))",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"copyright\s?@|©|all rights reserved|版权所有|ICP[备证]|\bICP Bei\b|公网安备|best viewed|browsers are preferred|建议(?:您)?使用.{0,20}(?:浏览器|分辨率)"
    r"|未经.{0,12}(?:授权|许可|允许|同意).{0,12}(?:转载|使用|复制|传播)|不得转载|(?:报料|举报|监督|投稿|广告)(?:热线|电话|微信|邮箱|合作)|网络视听许可证",
    re.IGNORECASE,
)
_GLUED = re.compile(
    r"\s*(?:返回[\u4e00-\u9fff]{2,4}，查看更多|[（(【]?点击(?:进入|查看)[^。！？]{0,15}[>》)）】]*|Read more\s*[»→…]?)\s*$"
)
_MAX_CALL = 240


def names_furniture(names: str) -> bool:
    """Tell whether an element's class and id `names` say that it is furniture."""
    return len(names) > 2 and _NAME.search(names) is not None


def is_call(line: str) -> bool:
    """Tell whether `line` speaks to the reader about the site ("Subscribe…", "扫码关注…") and not about the news."""
    return weigh(line) <= 2 * _MAX_CALL and _CALLS.match(line.lstrip("-–—>▶►■●· [【(（")) is not None


def without_call(line: str) -> str:
    """Cut off a call that a template glued to the end of a paragraph."""
    return _GLUED.sub("", line) or line


def is_footer(line: str) -> bool:
    """Tell whether `line` is what sites print at their foot: copyright, licence numbers, browser advice."""
    return len(line) <= 300 and _FOOTER.search(line) is not None
