"""Describe the demo's six sites: their names, manners and the lists a crawler can read."""

from __future__ import annotations

from dataclasses import dataclass

_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Channel:
    """Describe one list of a site: where it is, which frame prints it and which manuscript lists it carries.

    The second of two `carries` fills a side block of the same page. A path that ends in ".gz" is served compressed.
    `rebuilt` is the frame that prints it once its site has been rebuilt, where that changes it.
    """

    path: str
    frame: str
    content_type: str
    carries: tuple[str, ...]
    rebuilt: str = ""


@dataclass(frozen=True, slots=True)
class Outlet:
    """Describe one site; `mobile` marks the paths that are printed in the frame `mobile_frame`."""

    key: str
    name: str
    lang: str
    frame: str
    channels: tuple[Channel, ...]
    mobile: str = ""
    mobile_frame: str = ""
    disallow: tuple[str, ...] = ("/search",)
    sitemap: str = ""

    @property
    def front(self) -> str:
        """Give the path of the list a reader would open first."""
        return self.channels[0].path

    @property
    def robots(self) -> str:
        """Write the site's robots.txt."""
        rules = "".join(f"Disallow: {path}\n" for path in self.disallow)
        return f"User-agent: *\n{rules}" + ("Sitemap: {base}" + self.sitemap + "\n" if self.sitemap else "")


OUTLETS: tuple[Outlet, ...] = (
    Outlet(
        key="portal",
        name="粤政公开网",
        lang="zh-CN",
        frame="portal.html",
        mobile="/mpost_",
        mobile_frame="portal_mobile.html",
        channels=(
            Channel(
                "/zwgk/tzgg/index.html", "portal_list.html", _HTML, ("notices",), "portal_list_rebuilt.html"
            ),
            Channel("/gkmlpt/api/all/0", "gkmlpt", "application/json", ("disclosure",)),
        ),
    ),
    Outlet(
        key="daily",
        name="岭海日报",
        lang="zh-CN",
        frame="daily.html",
        channels=(
            Channel("/rss/yaowen.xml", "rss.xml", "application/rss+xml; charset=utf-8", ("headlines",)),
        ),
    ),
    Outlet(
        key="daily_en",
        name="Linghai Daily",
        lang="en",
        frame="daily_en.html",
        channels=(Channel("/atom.xml", "atom.xml", "application/atom+xml; charset=utf-8", ("latest",)),),
    ),
    Outlet(
        key="republisher",
        name="Quayside Wire",
        lang="en",
        frame="republisher.html",
        mobile="/m/",
        mobile_frame="republisher.html",
        channels=(Channel("/en/news", "republisher_list.html", _HTML, ("news", "hot")),),
    ),
    Outlet(
        key="aggregator",
        name="BriefMill",
        lang="en",
        frame="aggregator.html",
        channels=(Channel("/feed.json", "jsonfeed", "application/feed+json", ("briefs",)),),
    ),
    Outlet(
        key="company",
        name="Pengyan Robotics",
        lang="en",
        frame="company.html",
        disallow=("/search", "/careers/"),
        sitemap="/sitemap.xml",
        channels=(
            Channel("/sitemap.xml", "sitemap_index.xml", "application/xml", ()),
            Channel("/sitemap-news.xml", "sitemap_news.xml", "application/xml", ("news",)),
            Channel("/sitemap-archive.xml.gz", "sitemap_archive.xml", "application/gzip", ("archive",)),
        ),
    ),
)
