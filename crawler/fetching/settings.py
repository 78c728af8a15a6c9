"""The complete Scrapy settings of yuewatch; also the settings module that scrapy.cfg names.

Scrapy's defaults suit a one-off scrape. A daemon that reads the open web for years needs others, so every default with
a bearing on security is judged here, and a test fails when a new Scrapy brings one that is not.
"""

from __future__ import annotations

from typing import Any

from crawler.configuration.settings import FetchingSettings

BOT_NAME = "yuewatch"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
USER_AGENT = "yuewatch/0.1 (news monitor)"

TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
TWISTED_REACTOR_ENABLED = True
TWISTED_DNS_RESOLVER = "crawler.fetching.guard.GuardedResolver"

# Nothing but the web, over verified TLS, and no listening sockets.
DOWNLOAD_HANDLERS: dict[str, Any] = {
    "http": "crawler.fetching.handler.PacedDownloadHandler",
    "https": "crawler.fetching.handler.PacedDownloadHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_TLS_MIN_VERSION = "TLSv1.2"
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# Bounds: 16 MiB a body (also after decompression), 60 s a request in all, five redirects.
DOWNLOAD_MAXSIZE = 16 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_FAIL_ON_DATALOSS = True
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False
URLLENGTH_LIMIT = 2083

# Pace and patience are kept over all crawls by PacedDownloadHandler and the state, not within one crawl.
CONCURRENT_REQUESTS = 16
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 0
RETRY_ENABLED = False
AUTOTHROTTLE_ENABLED = False
ROBOTSTXT_OBEY = False  # Scrapy's own middleware fails open; RobotsMiddleware obeys instead

COOKIES_ENABLED = False
REFERER_ENABLED = False
HTTPCACHE_ENABLED = False
HTTPPROXY_ENABLED = False  # a proxy named in the environment would hide the addresses from the guard
DNSCACHE_ENABLED = False
DOWNLOADER_MIDDLEWARES = {
    "crawler.fetching.middlewares.WebAddressMiddleware": 90,
    "crawler.fetching.middlewares.RobotsMiddleware": 100,
    "crawler.fetching.rendering.RenderingMiddleware": 110,
}
# What Scrapy would put beside ours, named anew without what we do not want: it imports even what is switched off, and its
# cookies, telnet and remote control bring along requests and aiohttp.
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
}
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.feedexport.FeedExporter": 0,
}
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"  # oldest first: an original before what repeats it
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the leads table knows what was fetched
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8",
}

LOG_INSTALL_ROOT_HANDLER = False
LOG_LEVEL = "INFO"
STATS_DUMP = False
YUEWATCH_ALLOW_ADDRESSES: list[str] = []


def as_mapping() -> dict[str, Any]:
    """Give the settings by name."""
    return {name: value for name, value in globals().items() if name.isupper()}


def configured(fetching: FetchingSettings) -> dict[str, Any]:
    """Give the settings that the configuration decides."""
    return {
        "USER_AGENT": f"{USER_AGENT[:-1]}; {fetching.contact})" if fetching.contact else USER_AGENT,
        "DOWNLOAD_TIMEOUT": fetching.deadline.total_seconds(),
        "DOWNLOAD_MAXSIZE": fetching.max_body,
    }
