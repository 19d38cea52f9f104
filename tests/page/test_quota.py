"""Quotas on the page: an admin sets them, a member uses them up and reads why, and the report has it all."""

from __future__ import annotations

import csv
import io

from playwright.sync_api import expect

from tests.page.browser import finished, give, imagine, newest


def test_an_admin_limits_grants_and_accounts_for_what_members_make(visit):
    """In a server that no other test uses: what was made there stays in the bot's ledger."""
    admin = visit("ben/small-files")
    told = give(admin, "quota-admin set", limit="credits a day", amount="5", all="Each member")
    expect(told).to_contain_text("Everyone: 5 credits a day")
    told.get_by_role("button", name="Save").click()
    expect(newest(admin)).to_contain_text("✅ Everyone: 5 credits a day")

    member = visit("ada/small-files", fresh=False)
    imagine(member, "four paper boats", images="4")
    finished(member, 4)
    imagine(member, "a paper boat", images="3")
    refusal = newest(member)
    expect(refusal).to_contain_text("1 of 5 left today. This costs 3 credits.")
    refusal.get_by_role("button", name="Make 1").click()
    finished(member, 1)
    expect(give(member, "quota")).to_contain_text("0 of 5 left today")

    expect(give(admin, "quota-admin grant", member="ada", amount="3")).to_contain_text("3 credits")
    report = give(admin, "quota-admin report")
    expect(report.locator(".gallery img")).to_have_count(2)
    expect(report).to_contain_text("5 credits · 5 pictures · 2 requests · 1 member")
    link = give(admin, "quota-admin export").locator("a[href*='.csv']").first
    rows = list(csv.DictReader(io.StringIO(admin.request.get(link.get_attribute("href")).text())))
    assert sum(int(row["credits"]) for row in rows if row["credits"]) == 5
