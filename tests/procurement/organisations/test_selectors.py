import pytest

from procurement.organisations.selectors import (
    describe_member,
    memberships_of,
)
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


def test_whom_a_person_works_for_in_one_query_each(here, me, django_assert_num_queries):
    MembershipFactory(organisation=here, who_left=True)
    with django_assert_num_queries(1):
        assert [m.organisation for m in memberships_of(me)] == [here]
    with django_assert_num_queries(1):
        assert describe_member(me)["organisations"][0]["fonction"] == "agent"
