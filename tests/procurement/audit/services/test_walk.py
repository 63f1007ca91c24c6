"""How Postgres gives the history to the verification: in the order of an index, without a sort of its texts."""

from procurement.audit.services import verification, verify_evidence


def test_the_walk_reads_in_order_and_sorts_nothing(histoire, monkeypatch):
    """Sorted, the texts of 100 000 lines are 300 MB written to the disk and read back."""
    written, plans = verification._read_entries, []

    def explained(cursor, *asked):
        sql = written(cursor, *asked)
        cursor.execute(f"EXPLAIN {sql[sql.index('(') + 1 : sql.rindex(') TO STDOUT')]}")
        plans.append("\n".join(line for (line,) in cursor.fetchall()))
        return sql

    monkeypatch.setattr(verification, "_read_entries", explained)
    assert verify_evidence().ok
    (plan,) = plans
    assert "Index Scan using journal_pkey" in plan
    assert "Sort" not in plan
    assert "Parallel" not in plan
