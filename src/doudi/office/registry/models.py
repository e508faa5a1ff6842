"""People, households, who lives with whom, and the account that money goes to.

Identity numbers, telephone numbers, addresses and account numbers are stored encrypted and found through a keyed hash.
Every row carries the division code it belongs to; the database shows a row only to those whose area contains it.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from doudi.office.crypto import EncryptedTextField


class Person(models.Model):
    """A person (人员) under the pseudonym that the lake uses too."""

    personal: ClassVar[bool] = True

    class Status(models.TextChoices):
        """How the office knows this person."""

        KNOWN_FROM_DATA = "known_from_data", "known from data"
        MET = "met", "met"

    key = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=60)
    id_number = EncryptedTextField(blank=True)
    id_index = models.CharField(max_length=64, unique=True, null=True)
    # Only ever compared for equality with the keyed hash of four typed characters.
    id_tail_index = models.CharField(max_length=64, blank=True)
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=1, blank=True)
    phone = EncryptedTextField(blank=True)
    status = models.CharField(max_length=20, choices=Status.choices)
    area = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["area"], name="registry_person_area"),
            models.Index(fields=["id_tail_index"], name="registry_person_tail"),
            # Who might be the same: born on one day, of one sex, under one name.
            models.Index(fields=["birth_date", "name"], name="registry_person_born_named"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=["known_from_data", "met"]), name="registry_person_status_is_known"
            ),
            models.CheckConstraint(condition=Q(sex__in=["", "0", "1", "2", "9"]), name="registry_person_sex_is_coded"),
            models.CheckConstraint(
                condition=(Q(id_number="") & Q(id_index__isnull=True) & Q(id_tail_index=""))
                | (~Q(id_number="") & Q(id_index__isnull=False) & ~Q(id_tail_index="")),
                name="registry_person_id_with_its_index",
            ),
        ]

    def __str__(self) -> str:
        # Never the name: this text reaches logs and error pages.
        return f"person {self.pk}"


class Household(models.Model):
    """The family living together (共同生活的家庭成员), which may differ from the household register (户口)."""

    personal: ClassVar[bool] = True

    class Basis(models.TextChoices):
        """Who says that these people are one family."""

        REGISTER = "register", "household register"
        DECLARED = "declared", "declared by the family"
        OFFICE = "office", "established by the office"

    key = models.CharField(max_length=80, unique=True)
    number = models.CharField(max_length=80, unique=True)
    address = EncryptedTextField(blank=True)
    residence = models.CharField(max_length=5, blank=True)
    basis = models.CharField(max_length=10, choices=Basis.choices)
    area = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["area"], name="registry_household_area")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(basis__in=["register", "declared", "office"]), name="registry_household_basis_is_known"
            ),
            models.CheckConstraint(
                condition=Q(residence__in=["", "urban", "rural"]), name="registry_household_residence_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"household {self.number}"


class Change(models.Model):
    """Something that people entered about a household (登记变更): never altered, only undone by a further change."""

    personal: ClassVar[bool] = True

    class Kind(models.TextChoices):
        """What was changed."""

        SPLIT = "split", "members founded a household of their own"
        MERGE = "merge", "two households became one"
        MOVE = "move", "moved"
        MOVE_IN = "move_in", "moved in from another township"
        HEAD = "head", "another head"
        JOIN = "join", "somebody joined"
        LEAVE = "leave", "somebody left"
        CORRECT = "correct", "a person's data were corrected"
        UNDO = "undo", "a change was undone"

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # The new household of a split, the household that a merge dissolved.
    other = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    # Birth, marriage, death ... of who joins or leaves.
    cause = models.CharField(max_length=10, blank=True)
    # The day from which it holds; when it became known is `recorded_at`.
    on = models.DateField()
    reason = EncryptedTextField()
    # The document that shows it: a certificate, a court's word, a page of the household book.
    paper = EncryptedTextField(blank=True)
    # What stood there before and after: address and division of a move, name and number of a correction. For people
    # to read and to undo by; rules read none of it.
    before = EncryptedTextField(blank=True)
    after = EncryptedTextField(blank=True)
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["split", "merge", "move", "move_in", "head", "join", "leave", "correct", "undo"]),
                name="registry_change_kind_is_known",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="registry_change_says_why"),
            models.CheckConstraint(
                condition=Q(kind="undo", undoes__isnull=False) | (~Q(kind="undo") & Q(undoes__isnull=True)),
                name="registry_change_undoes_one",
            ),
        ]

    def __str__(self) -> str:
        return f"change {self.pk} ({self.kind})"


class KnownNow(models.Manager["Membership"]):
    """What the office holds true today; what it held true before is found through `Membership.ever`."""

    def get_queryset(self) -> models.QuerySet["Membership"]:
        return super().get_queryset().filter(superseded_at__isnull=True)


class Membership(models.Model):
    """A person's time in a household, as the office knows it. A person is in one household at a time.

    Two times stand in each row: the days on which it holds (`from_date`, `to_date`) and since when and until when the
    office said so (`recorded_at`, `superseded_at`). A correction supersedes the row and adds another; the database lets
    nothing else be changed.
    """

    personal: ClassVar[bool] = True

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    relation = models.CharField(max_length=2)
    from_date = models.DateField()
    to_date = models.DateField(null=True)
    # Typed by a person about a person, therefore here and not in the audit.
    end_reason = EncryptedTextField(blank=True, default="")
    recorded_at = models.DateTimeField(db_default=Now())
    superseded_at = models.DateTimeField(null=True)
    # The change that brought this row, and the one that took its place.
    change = models.ForeignKey(Change, on_delete=models.PROTECT, null=True, related_name="brought")
    superseded_by = models.ForeignKey(Change, on_delete=models.PROTECT, null=True, related_name="replaced")
    area = models.CharField(max_length=12)

    objects = KnownNow()
    ever: ClassVar[models.Manager["Membership"]] = models.Manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(to_date__isnull=True, superseded_at__isnull=True),
                name="registry_membership_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(to_date__isnull=True) | Q(to_date__gte=F("from_date")),
                name="registry_membership_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"membership {self.pk}"


class MoveRequest(models.Model):
    """A household's move to another township, which that township accepts or not. Both see it, and nothing further."""

    personal: ClassVar[bool] = True

    class State(models.TextChoices):
        """Where it is."""

        ASKED = "asked", "waits for the other township"
        ACCEPTED = "accepted", "accepted"
        REFUSED = "refused", "not accepted"
        WITHDRAWN = "withdrawn", "withdrawn"

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="move_requests")
    # What the receiving township is told: who they are, masked, and where they say they will live.
    told = EncryptedTextField()
    address = EncryptedTextField()
    on = models.DateField()
    reason = EncryptedTextField()
    paper = EncryptedTextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answer = EncryptedTextField(blank=True)
    area = models.CharField(max_length=12)
    to_area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household"], condition=Q(state="asked"), name="registry_move_asked_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", answered_by__isnull=True) | Q(answered_by__isnull=False),
                name="registry_move_answered_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | ~Q(answered_by=F("asked_by")), name="registry_move_by_two_people"
            ),
        ]

    def __str__(self) -> str:
        return f"move request {self.pk}"


class SearchToken(models.Model):
    """Something under which a person is found: a keyed number, see `tokens.py`. Its key is the index that serves it.

    The table is itself an index: made from the person's record in the record's own transaction, and again by
    `doudi-office reindex`. So the database does not look the person up for each of the fifteen.
    """

    personal: ClassVar[bool] = True

    pk = models.CompositePrimaryKey("token", "area", "person_id")
    token = models.BigIntegerField()
    area = models.CharField(max_length=12)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens", db_constraint=False)

    class Meta:
        db_table = "registry_search_token"

    def __str__(self) -> str:
        return "search token"


class BankAccount(models.Model):
    """The account (社会化发放账户) that a household's money goes to."""

    personal: ClassVar[bool] = True

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="accounts")
    holder = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="accounts")
    bank_name = models.CharField(max_length=60)
    number = EncryptedTextField()
    number_index = models.CharField(max_length=64)
    active = models.BooleanField(default=True)
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            # One account for two households is how grants have been stolen before (promise P9).
            models.UniqueConstraint(
                fields=["number_index"], condition=Q(active=True), name="registry_account_serves_one_household"
            ),
            models.UniqueConstraint(
                fields=["household"], condition=Q(active=True), name="registry_household_has_one_account"
            ),
        ]

    def __str__(self) -> str:
        return f"bank account {self.pk}"
