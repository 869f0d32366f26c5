"""Feeds in line by host."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.lanes import SLOTS, HostLanes, host_of, slot_of, slots_of
from monitor.model import Feed, FeedRecord


def record(number: int, host: str) -> FeedRecord:
    url = f"https://{host}/{number}"
    return FeedRecord(id=number, feed=Feed(url), address=url)


def test_hosts_take_turns() -> None:
    lanes = HostLanes(per_host=2)
    lanes.add([record(1, "a"), record(2, "a"), record(3, "a"), record(4, "b")])
    assert [taken.id for taken in iter(lanes.take, None)] == [1, 4, 2]


def test_a_full_host_waits_until_one_is_done() -> None:
    lanes = HostLanes(per_host=1)
    first, second = record(1, "a"), record(2, "a")
    lanes.add([first, second])
    assert lanes.take() == first
    assert lanes.take() is None
    lanes.done(first)
    assert lanes.take() == second


def test_a_host_is_told_by_name_and_port_whatever_its_case() -> None:
    assert host_of("https://User@News.Example:8080/feed") == "news.example:8080"
    assert host_of("nonsense") == "nonsense"


@given(
    st.lists(st.sampled_from("abc"), max_size=30),
    st.integers(1, 3),
    st.lists(st.booleans(), max_size=60),
)
def test_every_feed_comes_once_and_no_host_is_over_its_limit(
    hosts: list[str], per_host: int, finish: list[bool]
) -> None:
    lanes = HostLanes(per_host)
    lanes.add(record(number, host) for number, host in enumerate(hosts))
    running: list[FeedRecord] = []
    seen: list[int] = []
    for end_one in finish + [False, True] * (2 * len(hosts)):
        if end_one and running:
            lanes.done(running.pop(0))
        elif taken := lanes.take():
            running.append(taken)
            seen.append(taken.id)
        for host in set(hosts):
            assert sum(host_of(r.address) == host for r in running) <= per_host
    assert sorted(seen) == list(range(len(hosts)))
    assert len(lanes) == 0


class TestShards:
    def test_a_slot_is_the_same_on_every_machine_and_for_ever(self) -> None:
        """Expected values: workers of two releases must agree on who polls whom."""
        hosts = ("https://a.example/feed", "https://laotiantimes.com/feed/", "http://[2001:db8::1]:81/x", "\ud800")
        assert [slot_of(address) for address in hosts] == [1484, 2589, 2397, 1320]

    @given(st.sampled_from(["https", "http"]), st.text("ab/?#", max_size=5), st.sampled_from(["", "u:p@"]))
    def test_all_feeds_of_a_host_share_a_slot(self, scheme: str, path: str, user: str) -> None:
        assert slot_of(f"{scheme}://{user}Port.Example/{path}") == slot_of("https://port.example/")

    @given(st.integers(1, SLOTS))
    def test_shards_cover_every_slot_once_and_are_of_one_size(self, count: int) -> None:
        shards = [slots_of(index, count) for index in range(count)]
        assert [slot for first, end in shards for slot in range(first, end)] == list(range(SLOTS))
        sizes = {end - first for first, end in shards}
        assert max(sizes) - min(sizes) <= 1
