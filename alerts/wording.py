"""Hold the words of a message in Chinese and English; headlines and quotations keep their own language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerts.subscription import Lang
from state.records import Published


@dataclass(frozen=True, slots=True)
class Wording:
    """Hold every label a message uses; `{}` marks what is put in, by us and never by a page."""

    lang: Lang
    kinds: dict[str, str]
    statuses: dict[str, str]
    severities: dict[str, str]
    relations: dict[str, str]
    subject: str
    digest_subject: str
    untitled: str
    published: str
    undated: str
    zone_assumed: str
    quoted_from: str
    names: str
    carried_by: str
    corroborated_by: str
    stage: str
    earlier: str
    update_subject: str
    updates: dict[str, str]
    stages: dict[str, str]
    more: str
    more_stories: str
    why: str
    delivery: str
    stop: str
    colon: str
    comma: str

    def kind(self, kind: str) -> str:
        """Name a kind of news; one without a label is shown as the rule wrote it."""
        return self.kinds.get(kind, kind.replace("_", " "))

    def stage_name(self, stage: str) -> str:
        """Name a stage in the life of a policy; one without a label is shown as the pack wrote it."""
        return self.stages.get(stage, stage.replace("_", " "))

    def date(self, published: Published) -> str:
        """Write a publication time as exactly as it is known, in the zone it was given in."""
        if published.value is None:
            return self.undated
        if len(published.value) == 10:
            return published.value
        moment = datetime.fromisoformat(published.value)
        clock = {"hour": "%Y-%m-%d %H:00", "second": "%Y-%m-%d %H:%M:%S"}.get(
            published.precision or "", "%Y-%m-%d %H:%M"
        )
        zone = f"UTC{moment.strftime('%z')[:3]}:{moment.strftime('%z')[3:5]}" if moment.tzinfo else ""
        assumed = f" ({self.zone_assumed})" if published.zone_assumed else ""
        return f"{moment.strftime(clock)} {zone}{assumed}".strip()


ENGLISH = Wording(
    lang="en",
    kinds={"policy": "Policy", "company": "Company"},
    statuses={"event": "announcement", "mention": "mention"},
    severities={"urgent": "urgent", "high": "high", "normal": "", "low": "low"},
    relations={
        "same_document": "same document",
        "copy": "copy",
        "translation": "translation",
        "rewrite": "rewrite",
        "corroborates": "own report",
    },
    subject="[{kind}] {headline}",
    digest_subject="{count} stories: {headline}",
    untitled="(no headline)",
    published="Published",
    undated="date not given",
    zone_assumed="zone assumed",
    quoted_from="quoted from",
    names="Names",
    carried_by="Also carried by",
    corroborated_by="Also reported independently by",
    stage="Stage",
    earlier="Earlier stages",
    update_subject="Update: {subject}",
    updates={
        "lead": "Update: the source itself has published this now",
        "stage": "Update: a new stage of what you were told of",
    },
    stages={
        "draft": "draft for comment",
        "issued": "issued",
        "interpretation": "interpretation",
        "call": "call for applications",
        "publicity": "public notice of results",
        "revised": "revised",
        "repealed": "repealed",
    },
    more="and {count} more",
    more_stories="{count} more stories are not shown here; see the archive.",
    why="You get this because rule {rule} of your subscription {subscription} asks for it.",
    delivery="Delivery",
    stop="To stop these messages, unsubscribe with your mail program or tell whoever runs this yuewatch.",
    colon=": ",
    comma=", ",
)

CHINESE = Wording(
    lang="zh",
    kinds={"policy": "政策", "company": "企业"},
    statuses={"event": "发布", "mention": "提及"},
    severities={"urgent": "紧急", "high": "重要", "normal": "", "low": "次要"},
    relations={
        "same_document": "同一文件",
        "copy": "转载",
        "translation": "译文",
        "rewrite": "改写",
        "corroborates": "独立报道",
    },
    subject="【{kind}】{headline}",
    digest_subject="{count}条新闻：{headline}",
    untitled="（无标题）",
    published="发布时间",
    undated="原文未注明日期",
    zone_assumed="时区为推定",
    quoted_from="引自",
    names="涉及",
    carried_by="另见",
    corroborated_by="其他独立报道",
    stage="阶段",
    earlier="此前阶段",
    update_subject="更新：{subject}",
    updates={"lead": "更新：原始来源现已发布", "stage": "更新：此前通知过的政策进入新阶段"},
    stages={
        "draft": "征求意见稿",
        "issued": "正式印发",
        "interpretation": "解读",
        "call": "申报指南",
        "publicity": "公示",
        "revised": "修订",
        "repealed": "废止",
    },
    more="另有{count}家",
    more_stories="另有{count}条新闻未在此列出，请查阅存档。",
    why="您收到此消息，是因为订阅“{subscription}”中的规则“{rule}”与之匹配。",
    delivery="投递编号",
    stop="如需停止接收，请在邮件程序中退订，或联系本系统的管理员。",
    colon="：",
    comma="、",
)

WORDINGS: dict[Lang, Wording] = {"en": ENGLISH, "zh": CHINESE}
