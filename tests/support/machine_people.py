"""X21: who is invited, who has which role."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from procurement.marches.models import Invitation, Participation
from tests.support.machine_model import ROLES
from tests.support.machine_orders import NUMBERS, Orders
from tests.support.machine_site import PEOPLE


class People(Orders):
    """Orders about the team."""

    @rule(number=NUMBERS, whom=st.sampled_from(PEOPLE[:-1]), role=st.sampled_from(ROLES))
    def invite(self, number: int, whom: str, role: str) -> None:
        self.invite_as(self.someone(number, "inviter"), whom, role)

    def invite_as(self, who: str, whom: str, role: str) -> None:
        waiting = self.waiting.get(whom)
        again = waiting is not None and waiting[1:] == (role, who)
        state = 200 if whom in self.roles or (waiting and not again) else 0
        answer = self.play(
            who, "inviter", f"/marches/{self.marche}/inviter/", state=state,
            tag="" if again else "marches:invitation:created",
            form={"email": self.site.people[whom].email, "role": role, "mot": ""},
        )  # fmt: skip
        if answer and not again:
            found = Invitation.objects.get(
                marche=self.marche, email=self.site.people[whom].email,
                acceptee_le=None, revoquee_le=None,
            )  # fmt: skip
            self.waiting[whom] = (str(found.pk), role, who)

    @precondition(lambda self: self.waiting)
    @rule(number=NUMBERS)
    def accept(self, number: int) -> None:
        whom = sorted(self.waiting)[number % len(self.waiting)]
        self.accept_as(PEOPLE[number // 7 % len(PEOPLE)] if number % 3 == 0 else whom, whom)

    def accept_as(self, who: str, whom: str) -> None:
        pk, role, _by = self.waiting[whom]
        path = f"/invitations/{pk}/accepter/"
        answer = self.site.ask(who, path, form={})
        expected = 302 if who == whom else 403 if self.held(who) else 404
        assert answer.status == expected, f"{who} accepts the invitation of {whom}: {answer.status}"
        if who == whom:
            del self.waiting[whom]
            self.roles[whom] = role
            self.owe(who, "marches:invitation:accepted")
            assert self.site.ask(who, path, form={}).status == 409, "an invitation served twice"

    @precondition(lambda self: self.waiting)
    @rule(number=NUMBERS)
    def revoke(self, number: int) -> None:
        whom = sorted(self.waiting)[number % len(self.waiting)]
        who = self.someone(number, "inviter")
        path = f"/invitations/{self.waiting[whom][0]}/revoquer/"
        # The person invited knows that the invitation exists, whatever her role.
        if who == whom and not self.held(who):
            assert self.site.ask(who, path, form={}).status == 403
        elif self.play(who, "inviter", path, tag="marches:invitation:revoked", form={}):
            del self.waiting[whom]

    def alone(self, whom: str) -> bool:
        leads = [who for who, role in self.roles.items() if role == "gestionnaire"]
        return leads == [whom]

    @rule(number=NUMBERS, role=st.sampled_from(ROLES))
    def give_role(self, number: int, role: str) -> None:
        whom = sorted(self.roles)[number % len(self.roles)]
        same = self.roles[whom] == role
        found = self.play(
            self.someone(number // 7, "roles"), "roles", f"/participations/{self.place_of(whom)}/role/",
            state=409 if self.alone(whom) and not same else 0,
            tag="" if same else "marches:participation:changed", form={"role": role},
        )  # fmt: skip
        if found:
            self.roles[whom] = role

    @rule(number=NUMBERS)
    def take_off(self, number: int) -> None:
        whom = sorted(self.roles)[number % len(self.roles)]
        pk = self.place_of(whom)
        path = f"/participations/{pk}/retirer/"
        found = self.play(
            self.someone(number // 7, "roles"), "roles", path, form={},
            state=409 if self.alone(whom) else 0, tag="marches:participation:ended",
        )  # fmt: skip
        if found:
            del self.roles[whom]
            self.look_around()

    def place_of(self, whom: str) -> str:
        user = self.site.people[whom]
        return str(Participation.objects.get(marche=self.marche, user=user, is_active=True).pk)

    @rule(number=NUMBERS, yes=st.booleans())
    def share(self, number: int, yes: bool) -> None:
        tag = f"marches:marche:{'' if yes else 'un'}shared" if yes != self.shared else ""
        path = f"/marches/{self.marche}/partager/"
        form = {"partage": "oui" if yes else "non"}
        if self.play(self.someone(number, "partager"), "partager", path, tag=tag, form=form):
            self.shared = yes
