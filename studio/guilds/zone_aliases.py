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
    "est": (*_US["e"], "America/Panama", "Australia/Sydney"), "edt": _US["e"],
    "cst": (*_US["c"], "Asia/Shanghai", "Asia/Taipei", "America/Havana"), "cdt": (*_US["c"][:2], "America/Havana"),
    "mst": _US["m"], "mdt": _US["m"][:2],
    "pst": (*_US["p"], "Asia/Manila"), "pdt": _US["p"],
    "akst": ("America/Anchorage",), "akdt": ("America/Anchorage",), "hst": ("Pacific/Honolulu",),
    "ast": ("America/Halifax", "America/Puerto_Rico", "Asia/Riyadh"), "adt": ("America/Halifax", "Atlantic/Bermuda"),
    "nst": ("America/St_Johns",), "ndt": ("America/St_Johns",),
    "brt": ("America/Sao_Paulo",), "art": ("America/Argentina/Buenos_Aires",), "clt": ("America/Santiago",),
    "cot": ("America/Bogota",), "pet": ("America/Lima",), "vet": ("America/Caracas",),
    "bst": ("Europe/London", "Asia/Dhaka"), "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "z": ("UTC",), "wet": _WEST_EUROPE, "west": _WEST_EUROPE,
    **dict.fromkeys(("cet", "cest", "met", "mest", "mez", "mesz", "hec"), _CENTRAL_EUROPE),
    **dict.fromkeys(("eet", "eest", "oez", "oesz"), _EAST_EUROPE),
    "msk": ("Europe/Moscow",), "trt": ("Europe/Istanbul",), "samt": ("Europe/Samara",),
    "yekt": ("Asia/Yekaterinburg",), "omst": ("Asia/Omsk",), "novt": ("Asia/Novosibirsk",),
    "krat": ("Asia/Krasnoyarsk",), "irkt": ("Asia/Irkutsk",), "vlat": ("Asia/Vladivostok",),
    "gst": ("Asia/Dubai", "Atlantic/South_Georgia"), "irst": ("Asia/Tehran",), "pkt": ("Asia/Karachi",),
    "npt": ("Asia/Kathmandu",), "mmt": ("Asia/Yangon",), "ict": ("Asia/Bangkok", "Asia/Ho_Chi_Minh"),
    "wib": ("Asia/Jakarta",), "wita": ("Asia/Makassar",), "wit": ("Asia/Jayapura",),
    "sgt": ("Asia/Singapore",), "myt": ("Asia/Kuala_Lumpur",), "hkt": ("Asia/Hong_Kong",), "pht": ("Asia/Manila",),
    "jst": ("Asia/Tokyo",), "kst": ("Asia/Seoul",),
    "awst": ("Australia/Perth",), "acst": ("Australia/Adelaide", "Australia/Darwin"), "acdt": ("Australia/Adelaide",),
    "aest": ("Australia/Sydney", "Australia/Melbourne", "Australia/Brisbane"),
    "aedt": ("Australia/Sydney", "Australia/Melbourne"),
    "nzst": ("Pacific/Auckland",), "nzdt": ("Pacific/Auckland",),
    "sast": ("Africa/Johannesburg",), "cat": ("Africa/Maputo",), "eat": ("Africa/Nairobi",), "wat": ("Africa/Lagos",),
}  # fmt: skip

# Zone -> its cities' names in the languages that members read.
_CITIES = {
    "Asia/Shanghai": "Beijing Peking Pekín Pékin Pequim 北京 Shenzhen 深圳 Guangzhou 广州 Chengdu 成都 China",
    "Asia/Tokyo": "Osaka 大阪 Kyoto 京都 Yokohama 横浜 Nagoya Sapporo Fukuoka Japan 日本",
    "Asia/Kolkata": "Mumbai Bombay Delhi New_Delhi Bangalore Bengaluru Chennai Hyderabad Pune India",
    "Asia/Ho_Chi_Minh": "Hanoi Saigon Vietnam",
    "Asia/Seoul": "Busan Incheon Korea",
    "Asia/Dubai": "Abu_Dhabi",
    "Asia/Karachi": "Islamabad Lahore Pakistan",
    "America/New_York": "Washington Boston Miami Atlanta Philadelphia Orlando",
    "America/Chicago": "Houston Dallas Austin San_Antonio Minneapolis New_Orleans",
    "America/Denver": "Salt_Lake_City",
    "America/Los_Angeles": "San_Francisco Seattle San_Diego Las_Vegas Portland",
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
    "Europe/Warsaw": "Krakow Kraków Poland",
    "Europe/Moscow": "Saint_Petersburg St_Petersburg Москва",
    "Europe/Istanbul": "Ankara Izmir Türkiye Turkey",
    "Africa/Johannesburg": "Cape_Town Durban Pretoria",
    "Africa/Lagos": "Abuja",
    "Australia/Sydney": "Canberra",
    "Pacific/Auckland": "Wellington",
}
CITIES = {city: zone for zone, cities in _CITIES.items() for city in cities.split()}
