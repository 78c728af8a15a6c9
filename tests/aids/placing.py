"""Two articles of our own, and a room in which articles are stored and placed as the pipeline does it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from crawler.stories.place import place
from state import articles, stories
from state.records import Article, Entity, Published

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)

PLAN = """广东省人民政府办公厅日前印发《珠江口智能算力建设行动方案》，提出到2028年全省智能算力规模达到60万卡。
方案明确，省财政三年安排专项资金12亿元，支持广州、深圳、韶关建设算力枢纽，对中小企业使用算力给予30%的补贴。
省工业和信息化厅负责人介绍，方案共有22条措施，涵盖芯片适配、数据供给、人才引进和应用示范四个方面。
方案还要求各地在2027年6月底前完成公共数据目录编制，并向社会开放不少于500个高质量数据集。
业内人士认为，算力补贴将直接降低大模型企业的训练成本，预计带动社会投资超过200亿元。"""

RESULTS = """Pearl Robotics of Shenzhen said on Tuesday that revenue rose 41 percent to 3.2 billion yuan in the third quarter.
The maker of warehouse robots shipped 12,400 machines, against 8,100 a year earlier, and opened a plant in Dongguan.
Chief executive Lin Jiawei said orders from Europe had doubled and that a second line would start work in March.
The company raised its forecast for the year to 11.5 billion yuan, from 10 billion yuan, citing demand from grocers.
Shares in the company rose 6 percent in Hong Kong before giving back part of the gain in the afternoon."""


class Newsroom:
    """Store and place articles one after the other, and tell what became of them."""

    def __init__(self, db):
        self.db = db
        self.dictionary = None

    def publish(self, url, text, title="", day="2026-11-20", source=None, **fields):
        places = [
            Entity("guangdong", "province", found[0], found.start(), found.end())
            for found in re.finditer("Guangdong|广东", text)
        ]
        article = Article(
            entities=tuple(places),
            url=url,
            title=title or None,
            text=text,
            published=Published(value=day, precision="day") if day else Published(),
            source_id=source.id if source else None,
            **fields,
        )
        with self.db.atomic():
            articles.insert(self.db, article, "live", NOW, source.zone if source else "UTC")
            placement = place(self.db, article, source, NOW, self.dictionary)
            stories.place(self.db, url, placement, NOW)
        return placement

    def story(self, url):
        return stories.find(self.db, stories.of_article(self.db, url))
