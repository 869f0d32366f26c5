"""``python -m tests.kills``: kills the program at every writing call of a pass, then at random times under load.

At every call: a pass with three entries in each of two feeds is killed just before its n-th call that writes to a
file or a connection, for every n until one pass comes to its end; two passes follow that nobody disturbs.

At random times: feeds grow, receivers refuse and lose answers, passes are killed at moments drawn by lot.

Then each entry must have reached both recipients of the mail, the webhook and the folder, under one id and with one
body, and again only where the answer to the first copy was lost. Nothing that was recorded as sent may come again.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections import Counter

from tests.kills.world import World, world

_PASS = ("run", "--force", "--backlog", "20")
_FAULTS = {
    "mail": ("450-rcpt", "451-data", "421-greet", "drop-rcpt", "drop-data"),
    "hook": ("429:1", "500", "503", "drop"),
}


def one_kill(place: World, number: int, at: int, later: int = 2) -> list[str]:
    """Kill a first pass at its ``at``-th writing call; ``later`` ones follow. What was wrong with it, one line each.

    An entry of "finished" says that the pass made fewer calls.
    """
    place.clear()
    tokens = [f"T{number}-{place_}" for place_ in range(6)]
    place.show(tokens)
    first = place.run(*_PASS, kill_at=at)
    recorded = {key for key, state in place.recorded().items() if state == "sent"}
    clean = [place.run(*_PASS) for _ in range(later)]
    verdict = place.judge(tokens)
    again = {copy.id for copy in place.copies() if copy.number > 1 and any(key in copy.id for key in recorded)}
    wrong = [
        f"{name}: {found}" for name in ("lost", "two_ids", "changed", "needless") if (found := getattr(verdict, name))
    ]
    wrong += [f"sent once more although it was recorded: {again}"] if again else []
    wrong += [f"left behind: {result['left']}" for result in (first, *clean) if result["left"]]
    wrong += [f"exit {result['code']}: {result['said']}" for result in clean if result["code"]]
    if first["code"] >= 0:
        wrong.append("finished")
    return [*wrong, *(f"repeat {name}" for name in verdict.repeats)]


def at_every_call(place: World, every: int) -> bool:
    """Kill at each ``every``-th writing call in turn; whether all was well."""
    at, kills, repeats, faults = 1, 0, Counter[int](), 0
    while True:
        told = one_kill(place, at, at)
        repeats[at] += sum(line.startswith("repeat ") for line in told)
        wrong = [line for line in told if line != "finished" and not line.startswith("repeat ")]
        faults += len(wrong)
        for line in wrong:
            sys.stdout.write(f"killed at call {at}: {line}\n")
        if "finished" in told:
            break
        kills += 1
        at += every
    where = [number for number, count in repeats.items() if count]
    span = f", all after calls {min(where)} to {max(where)}" if where else ""
    sys.stdout.write(
        f"at every call: {kills} kills, {faults} faults (lost, two ids, changed, sent though recorded, left behind), "
        f"{repeats.total()} repeats of lost answers{span}\n"
    )
    return not faults


def at_random_times(place: World, kills: int, seed: int, minutes: float = 1e9) -> bool:
    """Kill so many passes, or for so long, at random times while feeds grow and receivers fail; whether all was well.

    The moments follow what a pass takes: on a busy machine that changes.
    """
    place.clear()
    chance, tokens, codes = random.Random(seed), list[str](), Counter[int]()
    place.show(["T0-0"])
    place.run("run", "--force")
    length = statistics.median(_duration(place, tokens, number) for number in range(1, 4))
    rounds, left, shown, end = 3, 0, 0, time.monotonic() + 60 * minutes
    while len(place.killed) < kills and time.monotonic() < end:
        rounds += 1
        new = [f"T{rounds}-{number}" for number in range(chance.randint(1, 4))]
        tokens, shown = new + tokens, shown + len(new)
        place.show(tokens[: shown + 20])  # a feed shows an entry at least until a pass has had time for it
        for name, script in (("mail", place.mail.script), ("hook", place.hook.script)):
            script[:] = [chance.choice(_FAULTS[name])] if chance.random() < 0.3 else []
        begun = time.monotonic()
        result = place.run("run", "--force", kill_after=chance.uniform(0, 1.15 * length))
        length = length * 1.03 if result["code"] < 0 else (length + time.monotonic() - begun) / 2
        codes[result["code"]] += 1
        left += result["left"]
        shown = 0 if result["code"] >= 0 else shown
    _settle(place)
    verdict = place.judge(tokens)
    states = Counter(place.recorded().values())
    others = {code: count for code, count in sorted(codes.items()) if code >= 0}
    sys.stdout.write(
        f"at random times: {len(place.killed)} kills in {rounds} passes of {length:.2f} s, {len(tokens)} entries, "
        f"deliveries {dict(states)}; lost: {len(verdict.lost)}; two ids: {len(verdict.two_ids)}; changed: "
        f"{len(verdict.changed)}; needless repeats: {len(verdict.needless)}; repeats of lost answers: "
        f"{len(verdict.repeats)}; processes left behind: {left}; exit codes of the others: {others}\n"
    )
    return verdict.well and not left and set(states) == {"sent"} and set(codes) <= {-9, 0, 1}


def _duration(place: World, tokens: list[str], number: int) -> float:
    """Seconds that a pass takes which finds something."""
    tokens.insert(0, f"T{number}-0")
    place.show(tokens)
    begun = time.monotonic()
    place.run("run", "--force")
    return time.monotonic() - begun


def _settle(place: World) -> None:
    """The receivers are well again, and what waits is due."""
    place.mail.script.clear()
    place.hook.script.clear()
    for _ in range(3):
        place.run("run", "--force")
        waiting = [key for key, state in place.recorded().items() if state == "failed"]
        if waiting:
            place.run("outbox", "retry", *waiting)
    place.run("run")


def main() -> None:
    """Kill, judge, print, and leave with 1 when something was lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__.partition("\n")[0])
    parser.add_argument("--every", type=int, default=1, help="kill at each n-th writing call only; 0: at none")
    parser.add_argument("--times", type=int, default=200, help="kills at random times")
    parser.add_argument("--minutes", type=float, default=1e9, help="that the random times take at most")
    parser.add_argument("--seed", type=int, default=5, help="of the random times")
    chosen = parser.parse_args()
    with world() as place:
        well = [
            at_every_call(place, chosen.every) if chosen.every else True,
            at_random_times(place, chosen.times, chosen.seed, chosen.minutes) if chosen.times else True,
        ]
    raise SystemExit(0 if all(well) else 1)


if __name__ == "__main__":
    main()
