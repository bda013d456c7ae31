"""A look at a run's test pictures is remembered for good, each by itself."""

from __future__ import annotations

from workbench.journal import Journal
from workbench.journal.tested import looks_at_test, remember_test
from workbench.spec import Recipe


def test_each_look_is_remembered_with_its_weights_and_only_of_its_run(journal: Journal) -> None:
    run, other = journal.create_run(Recipe()), journal.create_run(Recipe())
    assert looks_at_test(journal, run.id) == ()
    remember_test(journal, run.id, 4, 180)
    remember_test(journal, run.id, 9, 400)
    looks = looks_at_test(journal, run.id)
    assert [(each.epoch, each.step) for each in looks] == [(4, 180), (9, 400)]
    assert looks[0].time <= looks[1].time
    assert (journal.run(run.id).tested, journal.run(other.id).tested) == (2, 0)
    assert looks_at_test(journal, "nobody") == ()


def test_another_attempt_does_not_take_it_away(journal: Journal) -> None:
    run = journal.create_run(Recipe())
    journal.begin_attempt(run.id)
    remember_test(journal, run.id, 4, 180)
    journal.write("UPDATE runs SET state = 'queued' WHERE id = ?", run.id)
    assert journal.begin_attempt(run.id, 1, 10) == 2
    assert journal.run(run.id).tested == 1
