"""What previews remember: each is used once, and their number is bounded."""

from __future__ import annotations

import pytest

from cogs.ideas.offers import MOST, MOST_EACH, SetOffer, SetOffers
from cogs.texts.refusal import RefusalError, UnknownHereError
from studio.jobs.options import GenerationOptions


def offer(member):
    options = GenerationOptions(prompt="a {red, blue} car")
    return SetOffer(requests=(), written=None, options=options, private=None, shown_by=None, member=member)


def is_known(offers, name):
    try:
        with offers.taken(name):
            return True
    except UnknownHereError:
        return False


async def test_an_offer_is_used_once_but_again_after_a_refusal():
    offers = SetOffers()
    name = offers.add(offer(1))
    with pytest.raises(ZeroDivisionError), offers.taken(name):
        raise ZeroDivisionError
    with offers.taken(name), pytest.raises(RefusalError, match="already used"), offers.taken(name):
        pass
    with pytest.raises(RefusalError, match="already used"), offers.taken(name):
        pass


async def test_one_member_pushes_out_only_their_own_offers_and_all_are_bounded():
    offers = SetOffers()
    others = offers.add(offer(1))
    own = [offers.add(offer(2)) for _ in range(MOST_EACH + 1)]
    assert [is_known(offers, name) for name in (others, own[0], own[1])] == [True, False, True]
    names = [offers.add(offer(member)) for member in range(10, MOST + 10)]
    assert not is_known(offers, others)
    assert all(is_known(offers, name) for name in names)
