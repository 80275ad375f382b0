"""Words of the generated city: streets, villages, brands and surnames, invented by combination."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


def _words(text: str) -> list[str]:
    return text.split()


STREET_HEADS = _words(
    "人民 解放 建设 新华 文化 交通 滨江 沿河 长青 龙角 通惠 南州 古剑 虹桥 中山 和平 团结 "
    "幸福 胜利 光明 东风 红旗 前进 "
    "友谊 朝阳 向阳 青年 育才 学府 书院 文庙 城北 城南 城东 城西 河东 河西 桥头 码头 农贸 "
    "供销 粮站 车站 站前 邮政 广场 "
    "体育 公园 金桥 银杏 黄葛 梅子 桂花 芙蓉 翠屏 松林 竹园 梨园 荷花 石佛 观音 凤凰 九龙 飞鹅 白鹤 锦绣 安居 康乐 "
    "健康 百步 天星 长乐 沱湾 菜坝 双龙 新村 新街 后山 大石 双石 石桥 清溪 龙潭 温泉 矿山 工农 勤俭 矿建 松藻 鱼沱 "
    "盐井 铁厂 水厂 电厂 瓦窑 油坊 染坊 磨坊 老鹰 金兰 孟家 营盘 关口 城门 东岳 南华 瀛山 彩坝 横山 遇仙"
)
STREET_TAILS = ("路", "街", "巷", "大道", "横街", "支路", "北路", "南路")
_TAIL_WEIGHTS = np.array([0.36, 0.22, 0.12, 0.04, 0.07, 0.07, 0.06, 0.06])
VILLAGE_FIRST = _words(
    "大 小 上 下 新 老 红 黄 青 白 石 金 银 双 三 五 九 龙 凤 马 牛 羊 鱼 松 柏 竹 梨 桃 桂 杉 茶 清 长 平 高 中 "
    "东 西 南 北 团 永 万 兴 太 天 宝 莲 花 水 土 木 黑 岩 山 溪"
)
VILLAGE_SECOND = _words(
    "坪 坝 湾 坎 垭 岩 坡 沟 溪 塘 桥 井 林 园 堡 岭 峰 滩 门 寨 场 台 山 河 田 泉 星 光 胜 福 安 兴 龙 凤 庙 房 "
    "堰 洞 石 盘"
)
BRAND_FIRST = _words(
    "鑫 瑞 恒 盛 华 宏 祥 永 富 嘉 佳 东 南 渝 川 巴 綦 天 金 银 博 卓 智 众 和 顺 达 凯 宇 泰 安 康 恩 德 诚 信 正 "
    "鸿 兴 隆 旺 汇 聚 联 合 星 月 海 江 川 山 林 森 蓝 绿 新 创 启 明 光 云 美 雅 丽 源 润 丰 禾 硕 迈 腾 飞 翔 翼 "
    "力 强 伟 建 立 欣 悦 乐 福 吉 宝 贵 祺 昌 荣 耀"
)
BRAND_SECOND = _words(
    "源 达 盛 隆 泰 祥 顺 康 宇 诚 信 洋 腾 飞 业 辉 煌 华 丰 茂 利 发 旺 通 邦 杰 豪 威 力 锐 捷 成 立 元 鼎 基 "
    "舟 帆 航 程 途 远 科 创 博 思 维 尔 特 森 林 海 川 峰 岭 岳 河 溪 泉 园 苑 居 庭 轩 阁 坊 和 美 佳 悦 然 恒 "
    "久 安 宁 瑞 安 景 春 秋 晨 曦 阳"
)
SURNAMES = _words(
    "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 "
    "曾 彭 吕 苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎 余 潘 杜 戴 夏 钟 汪 田 任 姜 范 方 石 姚 谭 廖 邹 熊 金 陆 郝 孔 白 "
    "崔 康 毛 邱 秦 江 史 顾 侯 邵 孟 龙 万 段 雷 钱 汤 尹 黎 易 常 武 乔 贺 赖 龚 文 庞 樊 兰 殷 施 陶 洪 翟 "
    "令狐 犹 霍 封 霞 娄"
)
GIVEN = _words(
    "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀 霞 平 刚 桂 英 华 玉 兰 建 国 文 武 志 海 波 红 梅 林 峰 "
    "云 飞 鹏 辉 斌 浩 宇 轩 佳 欣 怡 德 昌 万 全 福 贵 光 荣 世 忠 兴 发 正 学 成 安 长 江 春 生 天 友 大 明 小 琴 "
    "蓉 燕 琼 碧 容 淑 珍 永 先 后 定 朝 仁 义 清 泽 良 书 开 元 祥 隆"
)


def street_names(rng: np.random.Generator) -> Iterator[str]:
    """Yield street names, each once: a place-name rule of Chinese counties allows no name twice."""
    seen: set[str] = set()
    while True:
        head = STREET_HEADS[int(rng.integers(len(STREET_HEADS)))]
        tail = STREET_TAILS[int(rng.choice(len(STREET_TAILS), p=_TAIL_WEIGHTS))]
        plain = len(seen) < 230 or tail in ("大道", "横街", "支路")
        number = "" if plain else "一二三四五六"[int(rng.integers(6))]
        name = f"{head}{number}{tail}"
        if name not in seen and head[-1] != tail[0]:
            seen.add(name)
            yield name


def village_names(rng: np.random.Generator) -> Iterator[str]:
    """Yield village names ending in 村, each once."""
    seen: set[str] = set()
    while True:
        first = VILLAGE_FIRST[int(rng.integers(len(VILLAGE_FIRST)))]
        second = VILLAGE_SECOND[int(rng.integers(len(VILLAGE_SECOND)))]
        name = f"{first}{second}村"
        if first != second and name not in seen:
            seen.add(name)
            yield name


def pick(words: list[str], n: int, rng: np.random.Generator) -> list[str]:
    """Return ``n`` words drawn with replacement."""
    table = np.array(words, dtype=object)
    return list(table[rng.integers(0, len(table), n)])


def brands(n: int, rng: np.random.Generator) -> list[str]:
    """Return ``n`` brand words of two or three characters."""
    first, second = pick(BRAND_FIRST, n, rng), pick(BRAND_SECOND, n, rng)
    third = pick(BRAND_SECOND, n, rng)
    three = rng.random(n) < 0.3
    return [a + b + c if t else a + b for a, b, c, t in zip(first, second, third, three, strict=True)]


def persons(n: int, rng: np.random.Generator) -> list[str]:
    """Return ``n`` names of persons who do not exist; common surnames come more often."""
    rank = np.minimum(rng.exponential(30, n).astype(np.int64), len(SURNAMES) - 1)
    surname = np.array(SURNAMES, dtype=object)[rank]
    one, two = pick(GIVEN, n, rng), pick(GIVEN, n, rng)
    short = rng.random(n) < 0.18
    return [s + (a if k else a + b) for s, a, b, k in zip(surname, one, two, short, strict=True)]
