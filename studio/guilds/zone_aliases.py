"""What people write instead of a time zone's name: abbreviations, and large cities that no zone is called after.

An abbreviation may be that of several places: the first is the likeliest. Cities in other languages than these come
from CLDR; see `cogs/settings/cities.py`.
"""

from __future__ import annotations

_US = {
    "e": ("America/New_York", "America/Toronto"),
    "c": ("America/Chicago", "America/Winnipeg", "America/Mexico_City"),
    "m": ("America/Denver", "America/Edmonton", "America/Phoenix"),
    "p": ("America/Los_Angeles", "America/Vancouver", "America/Tijuana"),
}
_CENTRAL_EUROPE = (
    "Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Rome", "Europe/Warsaw", "Europe/Amsterdam",
    "Europe/Vienna", "Europe/Zurich", "Europe/Stockholm", "Europe/Prague", "Africa/Algiers",
)  # fmt: skip
_EAST_EUROPE = ("Europe/Athens", "Europe/Bucharest", "Europe/Helsinki", "Europe/Kyiv", "Africa/Cairo")
_WEST_EUROPE = ("Europe/Lisbon", "Atlantic/Canary")

ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    "et": _US["e"], "ct": _US["c"], "mt": _US["m"], "pt": _US["p"],
    **dict.fromkeys(("eastern", "est5"), _US["e"]), **dict.fromkeys(("central", "cst6"), _US["c"]),
    **dict.fromkeys(("mountain", "mst7"), _US["m"]), **dict.fromkeys(("pacific", "pst8"), _US["p"]),
    "est": (*_US["e"], "America/Panama", "Australia/Sydney"), "edt": _US["e"],
    "cst": (*_US["c"], "Asia/Shanghai", "Asia/Taipei", "America/Havana"), "cdt": (*_US["c"][:2], "America/Havana"),
    "mst": _US["m"], "mdt": _US["m"][:2],
    "pst": (*_US["p"], "Asia/Manila"), "pdt": _US["p"],
    **dict.fromkeys(("us", "usa", "united_states"), (
        "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
        "America/Anchorage", "Pacific/Honolulu",
    )),
    "akst": ("America/Anchorage",), "akdt": ("America/Anchorage",), "alaska": ("America/Anchorage",),
    "hst": ("Pacific/Honolulu",), "hdt": ("America/Adak", "Pacific/Honolulu"), "hawaii": ("Pacific/Honolulu",),
    "ast": ("America/Halifax", "America/Puerto_Rico", "Asia/Riyadh"), "adt": ("America/Halifax", "Atlantic/Bermuda"),
    "nst": ("America/St_Johns",), "ndt": ("America/St_Johns",),
    "brt": ("America/Sao_Paulo",), "art": ("America/Argentina/Buenos_Aires",), "clt": ("America/Santiago",),
    "cot": ("America/Bogota",), "pet": ("America/Lima",), "vet": ("America/Caracas",),
    "brst": ("America/Sao_Paulo",), "clst": ("America/Santiago",), "bot": ("America/La_Paz",),
    "pyt": ("America/Asuncion",), "pyst": ("America/Asuncion",), "uyt": ("America/Montevideo",),
    "ect": ("America/Guayaquil", "America/Puerto_Rico"), "galt": ("Pacific/Galapagos",), "gyt": ("America/Guyana",),
    "gft": ("America/Cayenne",), "srt": ("America/Paramaribo",), "fnt": ("America/Noronha",),
    "amt": ("America/Manaus", "Asia/Yerevan"), "amst": ("America/Manaus", "Asia/Yerevan"),
    "act": ("America/Rio_Branco", "Australia/Adelaide", "Australia/Sydney"),
    "east": (*_US["e"], "Pacific/Easter"), "easst": ("Pacific/Easter",),
    "wgt": ("America/Nuuk",), "wgst": ("America/Nuuk",),
    "bst": ("Europe/London", "Asia/Dhaka"), "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "z": ("UTC",), "ut": ("UTC",), "idt": ("Asia/Jerusalem",),
    "wet": _WEST_EUROPE, "west": _WEST_EUROPE, "western_european": _WEST_EUROPE,
    **dict.fromkeys(("cet", "cest", "met", "mest", "mez", "mesz", "hec", "central_european"), _CENTRAL_EUROPE),
    **dict.fromkeys(("eet", "eest", "oez", "oesz", "eastern_european"), _EAST_EUROPE),
    "msk-1": ("Europe/Kaliningrad",), "msk+1": ("Europe/Samara",), "msk+2": ("Asia/Yekaterinburg",),
    "msk+3": ("Asia/Omsk",), "msk+4": ("Asia/Krasnoyarsk", "Asia/Novosibirsk"), "msk+5": ("Asia/Irkutsk",),
    "msk+6": ("Asia/Yakutsk",), "msk+7": ("Asia/Vladivostok",), "msk+8": ("Asia/Magadan",),
    "msk+9": ("Asia/Kamchatka",), "msk+0": ("Europe/Moscow",), "msd": ("Europe/Moscow",),
    "yakt": ("Asia/Yakutsk",), "magt": ("Asia/Magadan",), "sakt": ("Asia/Sakhalin",), "pett": ("Asia/Kamchatka",),
    **dict.fromkeys(("msk", "мск"), ("Europe/Moscow",)),
    "trt": ("Europe/Istanbul",), "samt": ("Europe/Samara",),
    "yekt": ("Asia/Yekaterinburg",), "omst": ("Asia/Omsk",), "novt": ("Asia/Novosibirsk",),
    "krat": ("Asia/Krasnoyarsk",), "irkt": ("Asia/Irkutsk",), "vlat": ("Asia/Vladivostok",),
    "gst": ("Asia/Dubai", "Atlantic/South_Georgia"), "irst": ("Asia/Tehran",), "irdt": ("Asia/Tehran",),
    "get": ("Asia/Tbilisi",), "azt": ("Asia/Baku",), "uzt": ("Asia/Tashkent",), "tmt": ("Asia/Ashgabat",),
    "tjt": ("Asia/Dushanbe",), "kgt": ("Asia/Bishkek",), "almt": ("Asia/Almaty",), "aft": ("Asia/Kabul",),
    "btt": ("Asia/Thimphu",), "bdt": ("Asia/Dhaka", "Asia/Brunei"), "slst": ("Asia/Colombo",),
    "mvt": ("Indian/Maldives",),
    "ulat": ("Asia/Ulaanbaatar",), "hovt": ("Asia/Hovd",), "bjt": ("Asia/Shanghai",),
    "pkt": ("Asia/Karachi",),
    "npt": ("Asia/Kathmandu",), "mmt": ("Asia/Yangon",), "ict": ("Asia/Bangkok", "Asia/Ho_Chi_Minh"),
    "wib": ("Asia/Jakarta",), "wita": ("Asia/Makassar",), "wit": ("Asia/Jayapura",),
    "sgt": ("Asia/Singapore",), "myt": ("Asia/Kuala_Lumpur",), "hkt": ("Asia/Hong_Kong",), "pht": ("Asia/Manila",),
    "jst": ("Asia/Tokyo",), "kst": ("Asia/Seoul",),
    "chst": ("Pacific/Guam",), "sst": ("Pacific/Pago_Pago", "Asia/Singapore"), "fjt": ("Pacific/Fiji",),
    "pgt": ("Pacific/Port_Moresby",), "sbt": ("Pacific/Guadalcanal",), "nct": ("Pacific/Noumea",),
    "vut": ("Pacific/Efate",), "tot": ("Pacific/Tongatapu",), "taht": ("Pacific/Tahiti",), "pwt": ("Pacific/Palau",),
    "tlt": ("Asia/Dili",), "chast": ("Pacific/Chatham",), "chadt": ("Pacific/Chatham",),
    "awst": ("Australia/Perth",), "acst": ("Australia/Adelaide", "Australia/Darwin"), "acdt": ("Australia/Adelaide",),
    "aest": ("Australia/Sydney", "Australia/Melbourne", "Australia/Brisbane"),
    "aedt": ("Australia/Sydney", "Australia/Melbourne"),
    "nzst": ("Pacific/Auckland",), "nzdt": ("Pacific/Auckland",),
    "sast": ("Africa/Johannesburg",), "cat": ("Africa/Maputo",), "eat": ("Africa/Nairobi",), "wat": ("Africa/Lagos",),
    "wast": ("Africa/Lagos", "Africa/Windhoek", "Australia/Perth"), "mut": ("Indian/Mauritius",),
    "ret": ("Indian/Reunion",),
}  # fmt: skip

# Zone -> its cities' names in the languages that members read.
_CITIES = {
    "Asia/Shanghai": "Beijing Peking Pekín Pékin Pequim 北京 Shenzhen 深圳 Guangzhou 广州 Chengdu 成都 "
    "Wuhan 武汉 Chongqing 重庆 Tianjin 天津 Hangzhou 杭州 Nanjing 南京 Xian 西安 China 中国 中國",
    "Asia/Tokyo": "Osaka 大阪 Kyoto 京都 Yokohama 横浜 Nagoya Sapporo Fukuoka Japan 日本",
    "Asia/Kolkata": "Mumbai Bombay Delhi New_Delhi Bangalore Bengaluru Chennai Hyderabad Pune India",
    "Asia/Taipei": "臺灣 臺北",
    "Asia/Ho_Chi_Minh": "Hanoi HCMC Saigon Vietnam",
    "Asia/Seoul": "Busan Incheon Korea South_Korea 한국",
    "Asia/Dubai": "Abu_Dhabi",
    "Asia/Karachi": "Islamabad Lahore Pakistan",
    "America/New_York": "NYC Washington Washington_DC DC Boston Miami Atlanta Philadelphia Orlando",
    "America/Chicago": "Houston Dallas Austin San_Antonio Minneapolis New_Orleans",
    "America/Denver": "Salt_Lake_City",
    "America/Los_Angeles": "LA San_Francisco SF Seattle San_Diego Las_Vegas Portland",
    "America/Puerto_Rico": "San_Juan",
    "America/Toronto": "Ottawa Montreal Montréal Quebec Québec",
    "America/Edmonton": "Calgary",
    "America/Sao_Paulo": "Rio_de_Janeiro Rio Brasilia Brasília Belo_Horizonte Curitiba Porto_Alegre",
    "Europe/Berlin": "Munich München Frankfurt Hamburg Cologne Köln Stuttgart Dresden Leipzig Germany Deutschland",
    "Europe/Zurich": "Geneva Genève Genf Basel Bern Switzerland Schweiz",
    "Europe/Paris": "Lyon Marseille Toulouse Nice Bordeaux France",
    "Europe/Madrid": "Barcelona Valencia Sevilla Bilbao",
    "Europe/Rome": "Milan Milano Mailand Naples Napoli Turin Torino Florence Italy",
    "Europe/London": "Manchester Birmingham Liverpool Edinburgh Glasgow UK England",
    "Europe/Lisbon": "Porto",
    "Asia/Kuala_Lumpur": "KL Malaysia",
    "Asia/Hong_Kong": "HK",
    "Asia/Bangkok": "BKK Thailand",
    "Asia/Singapore": "SG",
    "Europe/Warsaw": "Krakow Kraków Poland",
    "Europe/Moscow": "Saint_Petersburg St_Petersburg Санкт-Петербург Москва",
    "Europe/Istanbul": "Ankara Izmir Türkiye Turkey",
    "Africa/Johannesburg": "Cape_Town Durban Pretoria",
    "Africa/Lagos": "Abuja",
    "Australia/Sydney": "Canberra",
    "Pacific/Auckland": "Wellington",
}
CITIES = {city: zone for zone, cities in _CITIES.items() for city in cities.split()}
