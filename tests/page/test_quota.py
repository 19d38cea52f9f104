"""Quotas on the page: an admin sets them, a member uses them up and reads why, and the report has it all."""

from __future__ import annotations

import csv
import io

from playwright.sync_api import expect

from tests.page.browser import arrive, begin, finished, imagine, newest, option


def give(page, command, **options):
    begin(page, command)
    for name, value in options.items():
        option(page, name).fill(value)
    page.get_by_role("button", name="Send the command").click()
    return newest(page)


def test_an_admin_limits_grants_and_accounts_for_what_members_make(page):
    url = page.url.partition("#")[0]
    told = give(page, "quota-admin set", limit="credits a day", amount="5", all="everyone, each by themselves")
    expect(told).to_contain_text("Everyone: 5 credits a day")

    arrive(page, url, "ben/general")
    page.reload()
    page.locator("body[data-ready]").wait_for()
    imagine(page, "five paper boats", images="4")
    finished(page, 4)
    imagine(page, "a paper boat", images="3")
    refusal = newest(page)
    expect(refusal).to_contain_text("5 credits a day")
    expect(refusal).to_contain_text("4 used, 1 left; this takes 3")
    refusal.get_by_role("button", name="Make 1").click()
    finished(page, 1)
    begin(page, "quota")
    page.get_by_role("button", name="Send the command").click()
    expect(newest(page)).to_contain_text("Nothing is left now.")

    arrive(page, url, "ada/general")
    page.reload()
    page.locator("body[data-ready]").wait_for()
    expect(give(page, "quota-admin grant", member="ben", amount="3")).to_contain_text("3 credits")
    report = give(page, "quota-admin report")
    expect(report.locator(".gallery img")).to_have_count(2)
    expect(report).to_contain_text("5 credits · 5 pictures · 2 requests · 1 member")
    export = give(page, "quota-admin export")
    link = export.locator("a[download], a[href*='.csv']").first
    rows = list(csv.DictReader(io.StringIO(page.request.get(link.get_attribute("href")).text())))
    assert sum(int(row["credits"]) for row in rows if row["credits"]) == 5
