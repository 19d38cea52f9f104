"""The page's JavaScript modules."""

import re
from graphlib import TopologicalSorter

from sandbox.page.server import STATIC

IMPORT = re.compile(r'^import .*from "\./([\w.]+)";$', re.MULTILINE)


def test_the_modules_of_the_page_import_each_other_in_one_direction():
    imports = {file.name: set(IMPORT.findall(file.read_text())) for file in STATIC.glob("*.js")}
    assert imports["main.js"] >= {"messages.js", "composer.js"}
    order = list(TopologicalSorter(imports).static_order())  # raises CycleError
    assert sorted(order) == sorted(imports)  # each imported file exists
