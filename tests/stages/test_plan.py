"""How long the backbone takes in shards."""

import plan
import pytest
from running import ROOT


@pytest.mark.parametrize(("workers", "expected"), [(1, 17), (2, 10), (3, 9), (4, 7), (8, 7)])
def test_each_worker_takes_the_next_job_when_it_is_free(workers, expected):
    assert plan.makespan([3, 2, 5, 7], workers) == expected


def test_every_image_is_in_a_job():
    images = plan.jobs([1000, 1000, 70], 256)
    assert sum(images) == 2070
    assert images.count(70) == 1
    assert max(images) <= 256


def test_one_worker_takes_the_sum_and_many_the_longest():
    frame = plan.table([1000], [100], [1, 1000], 10, 5)
    (row,) = frame.to_dict("records")
    images = plan.jobs([1000], 100)
    assert row["jobs"] == len(images)
    assert float(row["1 at once, h"]) == pytest.approx((5 * len(images) + 1000 / 10) / 3600, abs=0.005)
    assert float(row["1000 at once, h"]) == pytest.approx((5 + max(images) / 10) / 3600, abs=0.005)


@pytest.mark.parametrize("rate", plan.RATES.values())
def test_the_tables_of_the_page_are_what_the_script_prints(rate, capsys):
    plan.main(["--rate", str(rate)])
    assert capsys.readouterr().out in (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
