"""What the demonstration's clients want financed. Companies, people and amounts are made up; amounts are yuan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def uscc(first: str) -> str:
    """``first`` (17 signs) with its check sign: a unified social credit code as GB 32100-2015 makes it."""
    total = sum(weight * _SIGNS.index(sign) for weight, sign in zip(_WEIGHTS, first, strict=True))
    return first + _SIGNS[(31 - total % 31) % 31]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A client and the financing it asks for; amounts in million yuan, ``score`` what the rater will give.

    ``code`` is the client's unified social credit code without its check sign.
    """

    client: str
    code: str
    name: str
    industry: str
    investment: int
    equity: int
    amount: int
    months: int
    score: int = 84
    esg: str = "B"
    institution: str = "BANK"
    use: str = "FIXED_ASSET"
    building: bool = True
    fresh: bool = True
    exposure: int = 0
    contact: str = "王芳"

    @property
    def uscc(self) -> str:
        """The client's unified social credit code."""
        return uscc(self.code)

    @property
    def net_worth(self) -> Decimal:
        """The sponsor's adjusted net worth, in yuan."""
        return Decimal(self.investment) * 1_500_000

    @property
    def capacity(self) -> Decimal:
        """How much debt the cash flow can carry, in yuan: a little more than is asked for."""
        return Decimal(self.amount) * 1_050_000

    def application(self) -> Mapping[str, Any]:
        """What the relationship manager enters to start the case (form p00-start)."""
        return {
            "clientName": self.client,
            "uscc": self.uscc,
            "projectName": self.name,
            "institutionType": self.institution,
            "industry": self.industry,
            "qualifyingInfrastructure": False,
            "totalInvestment": self.investment * 1_000_000,
            "equity": self.equity * 1_000_000,
            "amount": self.amount * 1_000_000,
            "termMonths": self.months,
            "fundsUse": self.use,
            "groupExposure": self.exposure * 1_000_000,
            "permitsComplete": True,
            "constructionPhase": self.building,
            "relatedParty": False,
            "newClient": self.fresh,
            "ordinaryCredit": False,
        }


WIND_EAST = Project(
    client="内蒙古自治区锡林郭勒盟北方草原新能源开发投资集团有限责任公司多伦风力发电分公司（筹）",
    code="91152531MA0Q7T3K8",
    name="多伦 80 MW 风电项目",
    industry="WIND",
    investment=600,
    equity=150,
    amount=450,
    months=180,
)
WIND_SEA = Project(
    client="福建平潭海峡海上风电有限公司",
    code="91350128M0001HF4X",
    name="平潭外海 300 MW 海上风电项目",
    industry="WIND",
    investment=4_860,
    equity=1_215,
    amount=3_200,
    months=216,
    score=91,
    esg="A",
    contact="林国栋",
)
SOLAR_WEST = Project(
    client="青海共和光伏发电有限责任公司",
    code="91632521MA75E2R9X",
    name="共和 200 MW 光伏复合项目",
    industry="SOLAR",
    investment=920,
    equity=230,
    amount=640,
    months=168,
    contact="马文海",
)
SOLAR_ROOFS = Project(
    client="苏州工业园区屋顶分布式光伏科技有限公司",
    code="91320594MA1WQ0L6T",
    name="工业园区 35 MW 分布式光伏项目",
    industry="SOLAR",
    investment=140,
    equity=35,
    amount=98,
    months=120,
    esg="C",
    contact="顾晓明",
)
SOLAR_LAKE = Project(
    client="安徽淮南水面光伏电站有限公司",
    code="91340400MA2NXW8B1",
    name="淮南采煤沉陷区 150 MW 水面光伏项目",
    industry="SOLAR",
    investment=690,
    equity=172,
    amount=480,
    months=156,
    contact="陈立",
)
STORAGE = Project(
    client="宁夏宁东独立共享储能有限公司",
    code="91640181MA76J4P2Y",
    name="宁东 100 MW/200 MWh 共享储能电站",
    industry="STORAGE",
    investment=380,
    equity=95,
    amount=260,
    months=120,
    score=78,
    contact="杨建国",
)
PORT_GRAIN = Project(
    client="锦州港粮食物流码头股份有限公司",
    code="91210700MA0YB5N3G",
    name="锦州港 7 号散粮泊位工程",
    industry="PORT",
    investment=1_250,
    equity=313,
    amount=850,
    months=180,
    esg="A",
    contact="刘洋",
)
PORT_BOXES = Project(
    client="广西钦州保税港区集装箱码头有限公司",
    code="91450700MA5KDN7W6",
    name="钦州港自动化集装箱泊位二期",
    industry="PORT",
    investment=2_300,
    equity=575,
    amount=1_600,
    months=204,
    score=88,
    esg="A",
    contact="韦少华",
)
ROAD_TOLL = Project(
    client="贵州乌江高速公路投资有限公司",
    code="91520000MA6DM9C45",
    name="德江至务川高速公路",
    industry="ROAD",
    investment=7_400,
    equity=1_850,
    amount=3_900,
    months=240,
    score=86,
    esg="A",
    contact="罗世杰",
)
ROAD_BRIDGE = Project(
    client="湖北襄阳汉江五桥建设投资有限公司",
    code="91420600MA48R6T0H",
    name="汉江五桥及接线工程（收费公路）",
    industry="ROAD",
    investment=1_880,
    equity=470,
    amount=1_300,
    months=240,
    contact="周敏",
)
METRO = Project(
    client="成都轨道交通第十三号线一期工程投资建设管理有限责任公司",
    code="91510100MA6CL2U8N",
    name="轨道交通 13 号线一期机电工程",
    industry="METRO",
    investment=3_100,
    equity=775,
    amount=2_000,
    months=240,
    score=92,
    contact="吴倩",
)
RAIL = Project(
    client="山西中南部铁路专用线有限公司",
    code="91140000MA0HE3W7D",
    name="瓦塘铁路专用线电气化改造",
    industry="RAIL",
    investment=860,
    equity=215,
    amount=560,
    months=180,
    contact="郭志强",
)
WATER = Project(
    client="云南滇池流域水务发展有限公司",
    code="91530100MA6K8Y1RX",
    name="第十四水质净化厂",
    industry="UTILITIES",
    investment=540,
    equity=135,
    amount=360,
    months=144,
    contact="李红梅",
)
HEAT = Project(
    client="哈尔滨松北清洁供热有限公司",
    code="91230109MA1B7G5QK",
    name="松北 4×116 MW 背压热电联产项目",
    industry="UTILITIES",
    investment=1_120,
    equity=280,
    amount=760,
    months=168,
    score=76,
    contact="孙大伟",
)
GAS = Project(
    client="天津南港液化天然气储运有限公司",
    code="91120116MA06T3D9W",
    name="南港 LNG 储罐扩建工程",
    industry="OTHER",
    investment=2_050,
    equity=513,
    amount=1_400,
    months=180,
    score=87,
    esg="A",
    contact="郑凯",
)
STEEL = Project(
    client="唐山曹妃甸精品特种钢铁制造股份有限公司",
    code="91130230MA07PX4A6",
    name="800 万吨热轧产线产能置换项目",
    industry="STEEL",
    investment=800,
    equity=280,
    amount=480,
    months=96,
    building=True,
    contact="赵宏伟",
)
SHIPS = Project(
    client="上海远洋散货船舶租赁有限公司",
    code="91310115MA1K4B8M2",
    name="两艘 8.2 万吨散货船售后回租",
    industry="SHIPPING",
    investment=420,
    equity=105,
    amount=294,
    months=96,
    score=74,
    institution="LEASING",
    building=False,
    fresh=False,
    exposure=120,
    esg="C",
    contact="沈悦",
)
AIRCRAFT = Project(
    client="海南自贸港航空融资租赁（天津）有限公司",
    code="91120118MA05Y2F7C",
    name="四架窄体客机直接租赁",
    industry="AIRPORT",
    investment=1_560,
    equity=400,
    amount=1_050,
    months=120,
    score=85,
    institution="LEASING",
    building=False,
    esg="NONE",
    contact="高飞",
)
MACHINES = Project(
    client="浙江宁波精密数控机床制造有限公司",
    code="91330200MA2AF6K1U",
    name="五轴加工中心产线设备租赁",
    industry="MANUFACTURING",
    investment=88,
    equity=22,
    amount=60,
    months=60,
    institution="LEASING",
    building=False,
    fresh=False,
    esg="NONE",
    contact="徐磊",
)
GRAIN_LOAN = Project(
    client="河南周口粮油仓储贸易有限公司",
    code="91411600MA9G5C3T7",
    name="夏粮收购流动资金贷款",
    industry="OTHER",
    investment=60,
    equity=30,
    amount=28,
    months=3,
    score=85,
    use="WORKING_CAPITAL",
    building=False,
    fresh=False,
    esg="NONE",
    contact="崔秀兰",
)
HOUSING = Project(
    client="重庆两江保障性租赁住房运营有限公司",
    code="91500000MA60W8N5J",
    name="水土新城保障性租赁住房（二期）",
    industry="ORDINARY_HOUSING",
    investment=760,
    equity=190,
    amount=520,
    months=180,
    score=72,
    contact="冯涛",
)
CEMENT = Project(
    client="江西瑞昌水泥窑协同处置科技有限公司",
    code="91360481MA38H1D0Q",
    name="协同处置固废技改项目",
    industry="CEMENT",
    investment=310,
    equity=115,
    amount=180,
    months=84,
    score=73,
    contact="邓华",
)
DATA_CENTRE = Project(
    client="贵安新区算力数据中心有限公司",
    code="91520900MA7E0Q2L8",
    name="贵安 A3 数据中心节能改造",
    industry="OTHER",
    investment=450,
    equity=120,
    amount=300,
    months=96,
    score=83,
    contact="何静",
)
AIRPORT = Project(
    client="新疆喀什徕宁国际机场建设投资有限公司",
    code="91653100MA7AB4X6R",
    name="T3 航站楼配套能源中心",
    industry="AIRPORT",
    investment=640,
    equity=192,
    amount=410,
    months=156,
    score=81,
    contact="阿不都热依木·买买提",
)
HYDRO = Project(
    client="四川大渡河流域水电开发（丹巴）有限公司",
    code="91513323MA62G9T4P",
    name="丹巴巴底水电站增容改造",
    industry="UTILITIES",
    investment=980,
    equity=245,
    amount=680,
    months=180,
    score=89,
    contact="扎西次仁",
)
COLD_CHAIN = Project(
    client="山东寿光冷链物流产业园有限公司",
    code="91370783MA3R5Y6E2",
    name="寿光农产品冷链物流园三期",
    industry="OTHER",
    investment=330,
    equity=83,
    amount=230,
    months=120,
    score=82,
    contact="王海涛",
)
CHARGING = Project(
    client="广东粤港澳新能源汽车充换电网络运营有限公司",
    code="91440101MA9Y1N8C0",
    name="珠三角高速服务区超充网络",
    industry="OTHER",
    investment=260,
    equity=70,
    amount=170,
    months=96,
    score=80,
    esg="C",
    contact="黄嘉欣",
)
GRAIN_STORE = Project(
    client="吉林松原粮食储备库有限责任公司",
    code="91220700MA17Y4H9N",
    name="高标准粮仓及烘干中心",
    industry="CORN",
    investment=190,
    equity=48,
    amount=130,
    months=96,
    score=77,
    contact="金哲",
)
TOLL_TUNNEL = Project(
    client="福建厦门海底隧道运营有限公司",
    code="91350200MA33F7L0D",
    name="翔安海底隧道机电更新（收费权质押）",
    industry="ROAD",
    investment=720,
    equity=180,
    amount=500,
    months=120,
    score=90,
    building=False,
    fresh=False,
    esg="C",
    contact="许文斌",
)
