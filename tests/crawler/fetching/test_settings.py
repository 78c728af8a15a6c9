"""Scrapy's settings are ours, complete: each default is judged, and a new Scrapy that brings more fails here."""

from __future__ import annotations

from importlib import import_module

import pytest
from scrapy.settings import default_settings

from crawler.fetching import settings

OURS = "ours"
_HANDLED = "default is fine because the part it belongs to is off: "
JUDGED = {
    # what we set
    **dict.fromkeys(settings.as_mapping(), OURS),
    # bounds and behaviour whose default we have looked at
    "ADDONS": "default is fine because it is empty",
    "ASYNCIO_EVENT_LOOP": "default is fine because Python's own loop is what APScheduler and the dispatcher share",
    "COMMANDS_MODULE": "default is fine because it is empty",
    "COMPRESSION_ENABLED": "default is fine because DOWNLOAD_MAXSIZE bounds what comes out too",
    "CONCURRENT_ITEMS": "default is fine because there are no item pipelines",
    "CRAWLSPIDER_FOLLOW_LINKS": "default is fine because we have no CrawlSpider",
    "DEFAULT_DROPITEM_LOG_LEVEL": "default is fine because no item is dropped",
    "DEFAULT_ITEM_CLASS": "default is fine because it serves the shell only",
    "DEPTH_LIMIT": "default is fine because our spiders follow no links of pages",
    "DEPTH_PRIORITY": "default is fine because our spiders follow no links of pages",
    "DEPTH_STATS_VERBOSE": "default is fine because it only counts",
    "DNS_RESOLVER": "default is fine because TWISTED_DNS_RESOLVER, its new name, is ours",
    "DNS_TIMEOUT": "default is fine because DOWNLOAD_TIMEOUT spans name resolution",
    "DOWNLOADER": "default is fine because pace holds in the handler behind it",
    "DOWNLOADER_CLIENTCONTEXTFACTORY": "default is fine because DOWNLOAD_VERIFY_CERTIFICATES makes it verify",
    "DOWNLOADER_CLIENT_TLS_CIPHERS": "default is fine because it is OpenSSL's choice",
    "DOWNLOADER_CLIENT_TLS_METHOD": "default is fine because DOWNLOAD_TLS_MIN_VERSION bounds it",
    "DOWNLOADER_CLIENT_TLS_VERBOSE_LOGGING": "default is fine because it is off",
    "DOWNLOADER_STATS": "default is fine because it only counts",
    "DOWNLOAD_BIND_ADDRESS": "default is fine because the system chooses",
    "DOWNLOAD_DELAY_JITTER": "default is fine because DOWNLOAD_DELAY is 0",
    "DOWNLOAD_HANDLERS_BASE": "default is fine because every scheme in it is ours or off",
    "DOWNLOAD_SLOTS": "default is fine because it is empty",
    "DOWNLOAD_TLS_MAX_VERSION": "default is fine because later is better",
    "DUPEFILTER_DEBUG": "default is fine because it only logs",
    "EDITOR": "default is fine because it serves `scrapy edit` only",
    "EXTENSIONS": "default is fine because it is empty",
    "FORCE_CRAWLER_PROCESS": "default is fine because it is off",
    "HTTP2_MAX_FRAME_SIZE": "default is fine because we speak HTTP/1.1",
    "HTTPERROR_ALLOWED_CODES": "default is fine because each request names what it takes",
    "HTTPERROR_ALLOW_ALL": "default is fine because each request names what it takes",
    "HTTPX_HTTP2_ENABLED": "default is fine because the handler is not HTTPX",
    "ITEM_PIPELINES": "default is fine because it is empty",
    "ITEM_PIPELINES_BASE": "default is fine because it is empty",
    "ITEM_PROCESSOR": "default is fine because there are no item pipelines",
    "JOBDIR": "default is fine because the state file is the work list",
    "RANDOMIZE_DOWNLOAD_DELAY": "default is fine because DOWNLOAD_DELAY is 0",
    "REACTOR_THREADPOOL_MAXSIZE": "default is fine because only name resolution uses it",
    "REDIRECT_ENABLED": "default is fine because each hop passes guard, robots.txt and pace",
    "REDIRECT_PRIORITY_ADJUST": "default is fine because order is no matter of safety",
    "REFERRER_POLICIES": _HANDLED + "referer",
    "REFERRER_POLICY": _HANDLED + "referer",
    "REQUEST_FINGERPRINTER_CLASS": "default is fine because no request is filtered by fingerprint",
    "SCHEDULER": "default is fine because requests live in memory only",
    "SCHEDULER_DEBUG": "default is fine because it only logs",
    "SCHEDULER_DISK_QUEUE": "default is fine because without JOBDIR nothing is pickled to disk",
    "SCHEDULER_PRIORITY_QUEUE": "default is fine because order is no matter of safety",
    "SCHEDULER_START_DISK_QUEUE": "default is fine because without JOBDIR nothing is pickled to disk",
    "SCHEDULER_START_MEMORY_QUEUE": "default is fine because order is no matter of safety",
    "SCRAPER_SLOT_MAX_ACTIVE_SIZE": "default is fine because it is a bound of 5 MB on what waits",
    "SPIDER_CONTRACTS": "default is fine because it serves `scrapy check` only",
    "SPIDER_CONTRACTS_BASE": "default is fine because it serves `scrapy check` only",
    "SPIDER_LOADER_CLASS": "default is fine because it looks only into SPIDER_MODULES",
    "SPIDER_LOADER_WARN_ONLY": "default is fine because a spider that cannot be loaded is an error",
    "SPIDER_MIDDLEWARES": "default is fine because it is empty",
    "SPIDER_MIDDLEWARES_BASE": "default is fine because none of it fetches",
    "STATS_CLASS": "default is fine because it keeps counts in memory",
    "TEMPLATES_DIR": "default is fine because it serves `scrapy genspider` only",
    "WARN_ON_GENERATOR_RETURN_VALUE": "default is fine because it only warns",
}
# Whole families of a part that is off, or that holds nothing unless a user asks Scrapy for it on its command line.
FAMILIES = {
    "AUTOTHROTTLE_": _HANDLED + "autothrottle",
    "AWS_": _HANDLED + "s3",
    "CLOSESPIDER_": "default is fine because 0 means that a crawl ends by itself",
    "COOKIES_": _HANDLED + "cookies",
    "DNSCACHE_": _HANDLED + "the cache of names",
    "FEED": "default is fine because items are written only where `scrapy crawl -o` asks for it",
    "FILES_STORE": "default is fine because there is no files pipeline",
    "FTP_": _HANDLED + "ftp",
    "GCS_": "default is fine because there is no files pipeline",
    "HTTPAUTH_": _HANDLED + "http authentication",
    "HTTPCACHE_": _HANDLED + "the http cache",
    "HTTPPROXY_": _HANDLED + "proxies",
    "IMAGES_STORE": "default is fine because there is no images pipeline",
    "LOG_": "default is fine because LOG_INSTALL_ROOT_HANDLER is off and crawler.logs decides",
    "LOGSTATS_": _HANDLED + "log statistics",
    "MAIL_": "default is fine because nothing of Scrapy's sends mail",
    "MEMDEBUG_": _HANDLED + "the memory debugger",
    "MEMUSAGE_": _HANDLED + "the memory watch",
    "METAREFRESH_": _HANDLED + "meta refresh",
    "PERIODIC_LOG_": "default is fine because the extension is not in use",
    "REMOTE_CONTROL_": _HANDLED + "the remote control",
    "RETRY_": _HANDLED + "retries",
    "ROBOTSTXT_": _HANDLED + "Scrapy's robots.txt middleware",
    "STATSMAILER_": "default is fine because the extension is not in use",
    "TELNETCONSOLE_": _HANDLED + "telnet",
}
OFF = {
    "AUTOTHROTTLE_ENABLED",
    "COOKIES_ENABLED",
    "DNSCACHE_ENABLED",
    "HTTPCACHE_ENABLED",
    "HTTPPROXY_ENABLED",
    "METAREFRESH_ENABLED",
    "REFERER_ENABLED",
    "REMOTE_CONTROL_ENABLED",
    "RETRY_ENABLED",
    "ROBOTSTXT_OBEY",
    "TELNETCONSOLE_ENABLED",
}


def _judged(name):
    return name in JUDGED or any(name.startswith(family) for family in FAMILIES)


def test_every_setting_of_this_scrapy_is_judged():
    names = {name for name in dir(default_settings) if name.isupper()}
    assert len(names) > 150
    assert {name for name in names if not _judged(name)} == set()


def test_no_judgement_is_about_a_setting_that_is_gone():
    known = {name for name in dir(default_settings) if name.isupper()} | set(settings.as_mapping())
    assert set(JUDGED) - known == set()
    assert {family for family in FAMILIES if not any(name.startswith(family) for name in known)} == set()


def test_what_a_judgement_calls_off_is_off():
    mapping = settings.as_mapping()
    assert {name for name in OFF if mapping.get(name) is not False} == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DOWNLOAD_VERIFY_CERTIFICATES", True),
        ("DOWNLOAD_TLS_MIN_VERSION", "TLSv1.2"),
        ("DOWNLOAD_MAXSIZE", 16 * 2**20),
        ("DOWNLOAD_TIMEOUT", 60),
        ("DOWNLOAD_FAIL_ON_DATALOSS", True),
        ("REDIRECT_MAX_TIMES", 5),
        ("LOG_INSTALL_ROOT_HANDLER", False),
        ("TWISTED_DNS_RESOLVER", "crawler.fetching.guard.GuardedResolver"),
    ],
)
def test_the_bounds_promised_to_users_are_set(name, value):
    assert settings.as_mapping()[name] == value


def test_every_scheme_scrapy_knows_is_ours_or_off():
    schemes = {*default_settings.DOWNLOAD_HANDLERS_BASE, *settings.DOWNLOAD_HANDLERS}
    kept = {scheme: settings.DOWNLOAD_HANDLERS[scheme] for scheme in schemes}
    paced = "crawler.fetching.handler.PacedDownloadHandler"
    assert kept == {
        "http": paced,
        "https": paced,
        "data": None,
        "file": None,
        "ftp": None,
        "s3": None,
    }


def test_every_middleware_and_extension_scrapy_switches_on_is_judged():
    """What is left out listens, watches, is done by ours, or is off by its own setting, too."""
    assert _left_out(default_settings.DOWNLOADER_MIDDLEWARES_BASE, settings.DOWNLOADER_MIDDLEWARES_BASE) == {
        "CookiesMiddleware",
        "HttpAuthMiddleware",
        "HttpCacheMiddleware",
        "HttpProxyMiddleware",
        "MetaRefreshMiddleware",
        "OffsiteMiddleware",
        "RetryMiddleware",
        "RobotsTxtMiddleware",
    }
    assert _left_out(default_settings.EXTENSIONS_BASE, settings.EXTENSIONS_BASE) == {
        "AutoThrottle",
        "LogStats",
        "MemoryDebugger",
        "MemoryUsage",
        "RemoteControl",
        "SpiderState",
        "TelnetConsole",
    }
    assert {name.rsplit(".", 1)[1] for name in default_settings.SPIDER_MIDDLEWARES_BASE} == {
        "DepthMiddleware",
        "HttpErrorMiddleware",
        "MetaCopyDetectionMiddleware",
        "RefererMiddleware",
        "StartSpiderMiddleware",
        "UrlLengthMiddleware",
    }


def _left_out(theirs, ours):
    """Name what of Scrapy's own stands not in ours, where each keeps the place that Scrapy gives it."""
    assert ours.items() <= theirs.items()
    return {name.rsplit(".", 1)[1] for name in theirs.keys() - ours.keys()}


def test_what_the_settings_name_exists():
    named = [*settings.DOWNLOADER_MIDDLEWARES, settings.DUPEFILTER_CLASS]
    named += [name for name in settings.DOWNLOAD_HANDLERS.values() if name]
    for name in named:
        module, _, attribute = name.rpartition(".")
        assert hasattr(import_module(module), attribute), name
