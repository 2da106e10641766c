"""Which language a short message is in, by its characters."""

import re
from typing import Final

# Characters that stand in one script only, from the most frequent ones of residents' messages. A message with more
# traditional-only than simplified-only characters is read as traditional.
TRADITIONAL: Final = frozenset(
    "這個們來時會對說沒還過開關門間問題車輛電燈噴發幾場處理號樓層戶業產買賣價錢費費稅資訊話請請謝謝應該"
    "讓給後從裡裏邊點兒麼嗎樣種選舉辦護醫療藥檢驗學習讀寫書報紙長張將軍風飛鳥馬魚鳴龍龜齊齒齡壞堅壓廠廣廳彎彈"
    "當徵憂愛慮態戰戲擇擔據擴擾擺攔攤斷無舊曆條極構樹機橋歡歲歷殘氣決減準溝滅滿漏潔濕燒熱爐爭狀獨獎環現瑪異"
    "畫監盤盜眾睏確礙禮離積稱穩窮競節範築簡糧糾紅約級紛純紗納紐級細終組結絕統經綠維網緊線練縣縮總績繼續聯聲聽職肅"
    "脈腦臨與興艙藝蘇虛蟲補裝複見規視親覺覽觀觸計訂訓記許設訴診評詞試詢該詳誤誰課調談論證識議護讚豐負財責貨貧販"
    "貴費貼貿賓賠質購賽贈趕趙跡踐軟輕較載輔輪輸轉農違連進運達遠遲適遷選遺還郵鄉鄰釋針鈴銀鋪錄錯鍋鎖鎮鐘鐵閉閒閘"
    "閱隊階際陽陰陳陸險隨隱難雙雜雞電靜響頁頂項順須預頭顆題願類顧顯飯飲館餘騎騙驗驚體髒鬆鬧鹽麗麥黃點黨齣"
)
SIMPLIFIED: Final = (
    frozenset(
        "这个们来时会对说没还过开关门间问题车辆电灯喷发几场处号楼层户业产买卖价钱费税资讯话请谢应该让给后从里边点儿么吗样种"
        "选举办护医疗药检验学习读写书报纸长张将军风飞鸟马鱼鸣龙龟齐齿龄坏坚压厂广厅弯弹当征忧爱虑态战戏择担据扩扰摆拦摊断无旧历条"
        "极构树机桥欢岁残气决减准沟灭满洁湿烧热炉争状独奖环现异画监盘盗众确碍礼离积称稳穷竞节范筑简粮纠红约级纷纯纳细终组结绝统经"
        "绿维网紧线练县缩总绩继续联声听职肃脉脑临与兴艺苏虚虫补装复见规视亲觉览观触计订训记许设诉诊评词试询详误谁课调谈论证识议赞丰"
        "负财责货贫贩贵贴贸宾赔质购赛赠赶赵迹践软轻较载辅轮输转农违连进运达远迟适迁遗邮乡邻释针铃银铺录错锅锁镇钟铁闭闲闸阅队阶际阳"
        "阴陈陆险随隐难双杂鸡静响页顶项顺须预头颗愿类顾显饭饮馆余骑骗惊体脏松闹盐丽麦黄党"
    )
    - TRADITIONAL
)
_TRADITIONAL_ONLY: Final = TRADITIONAL - SIMPLIFIED
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_LATIN: Final = re.compile(r"[A-Za-z]{2,}")


def language_of(text: str) -> str:
    """`zh-hans`, `zh-hant`, `en` or `mixed` (Han characters beside at least as many Latin words); "" for neither."""
    han = len(_HAN.findall(text))
    latin = len(_LATIN.findall(text))
    if not han:
        return "en" if latin else ""
    if latin >= 4 and latin * 3 >= han:
        return "mixed"
    simplified = sum(c in SIMPLIFIED for c in text)
    traditional = sum(c in _TRADITIONAL_ONLY for c in text)
    return "zh-hant" if traditional > simplified else "zh-hans"
