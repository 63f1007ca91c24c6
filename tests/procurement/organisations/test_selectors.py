import pytest

from procurement.organisations.selectors import (
    describe_member,
    memberships_of,
    people_search,
)
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.organisations.factories import (
    MembershipFactory,
    OrganisationFactory,
)


pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return OrganisationFactory()


@pytest.fixture
def me(here):
    return MembershipFactory(organisation=here).user


def colleague(organisation, **fields):
    return MembershipFactory(organisation=organisation, user=UserFactory(**fields)).user


def test_whom_a_person_works_for_in_one_query_each(here, me, django_assert_num_queries):
    MembershipFactory(organisation=here, who_left=True)
    with django_assert_num_queries(1):
        assert [m.organisation for m in memberships_of(me)] == [here]
    with django_assert_num_queries(1):
        assert describe_member(me)["organisations"][0]["fonction"] == "agent"


def test_people_search_needs_five_characters_and_shows_five_people(here, me):
    for number in range(7):
        colleague(here, nom=f"Lefebvre{number}")
    assert people_search(user=me, words="lefe") == []
    assert people_search(user=me, words="  lefe  ") == []
    assert len(people_search(user=me, words="lefeb")) == 5


def test_people_search_stays_inside_the_organisation(here, me, django_assert_num_queries):
    colleague(OrganisationFactory(), nom="Lefebvre")
    UserFactory(nom="Lefebvre")
    MembershipFactory(organisation=here, user=UserFactory(nom="Lefebvre"), who_left=True)
    MembershipFactory(
        organisation=here, user=UserFactory(nom="Lefebvre", whose_account_was_closed=False)
    )
    with django_assert_num_queries(1):
        assert len(people_search(user=me, words="Lefebvre")) == 1


def test_people_search_by_name_and_first_name_and_never_oneself(here, me):
    zoe = colleague(here, prenom="Zoé", nom="Marchand")
    assert people_search(user=me, words="Zoé Marchand") == [zoe]
    assert people_search(user=zoe, words="Marchand") == []
    assert people_search(user=me, words="Zoé\x00 Marchand") == [zoe]
    assert people_search(user=UserFactory(), words="Marchand") == []
