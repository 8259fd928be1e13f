"""Virtual time, and the queue of what is due.

The clock ticks `speed` virtual seconds per real second: 1 is the demo's pace, 0 stands still between advances, which is
what deterministic tests want. While a VirtualClock is installed, time.time() and datetime.now() of this process show
its time (by time-machine), so moto's time stamps and the server's Date headers do as well; time.monotonic() stays real.

Advancing is not a jump: the clock moves to each due moment in turn, runs what is due, and lets the cloud come to rest
before it goes on. So three nights in one call have the same events, in the same order, as three nights lived through.
"""

from __future__ import annotations

import datetime
import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

import time_machine

log = logging.getLogger("localcloud.clock")

NANO = 1_000_000_000


class _Traveller(time_machine.Traveller):
    """time-machine's traveller, but at any speed."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(0, None, True)
        self._clock = clock

    def time_ns(self) -> int:
        return self._clock.now_ns()


class VirtualClock:
    """Time as the cloud sees it. See the module's docstring."""

    def __init__(self, start: float | None = None, speed: float = 1) -> None:
        self._guard = threading.Condition()
        self._base_ns = round((time.time() if start is None else start) * NANO)
        self._base_real_ns = time.monotonic_ns()
        self._speed = speed
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._running = 0
        self._run_lock = threading.RLock()
        self._advance_lock = threading.Lock()
        self._advancing = False
        self._closed = False
        self._settle: Callable[[], None] = lambda: None
        self._others: list[Callable[[], float | None]] = []
        self._thread = threading.Thread(target=self._tick, name="clock", daemon=True)

    # Life

    def install(self) -> None:
        """From here on the whole process lives in this time."""
        time_machine.travel(self.now()).start()
        time_machine.traveller_stack[-1] = _Traveller(self)
        self._thread.start()

    def close(self) -> None:
        """Stop running what is due, and give the process its own time back."""
        with self._guard:
            self._closed = True
            self._guard.notify_all()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout=5)
        stack = time_machine.traveller_stack
        if stack and isinstance(stack[-1], _Traveller):
            stack[-1] = time_machine.Traveller(0, None, True)
            time_machine.travel(0).stop()

    def rest_with(self, settle: Callable[[], None]) -> None:
        """`settle` waits until nothing is in flight; called between two due moments of an advance."""
        self._settle = settle

    def also_due(self, when: Callable[[], float | None]) -> None:
        """`when` tells the next moment (Unix seconds) at which something happens without having been asked for with
        `after`: a message that becomes visible again. None: nothing is waiting."""
        self._others.append(when)

    # Reading

    def now_ns(self) -> int:
        if self._speed == 0:
            return self._base_ns
        return self._base_ns + int((time.monotonic_ns() - self._base_real_ns) * self._speed)

    def now(self) -> float:
        """Unix seconds."""
        return self.now_ns() / NANO

    def iso(self, at: float | None = None) -> str:
        """`at` (default: now) as 2026-03-01T00:00:00Z."""
        moment = datetime.datetime.fromtimestamp(self.now() if at is None else at, datetime.UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def speed(self) -> float:
        return self._speed

    def idle(self) -> bool:
        """Nothing is due now, and nothing that was due is still running."""
        with self._guard:
            return self._running == 0 and not (self._due and self._due[0][0] <= self.now_ns())

    def next_due(self) -> float | None:
        """The next moment at which something happens by itself."""
        with self._guard:
            times = [self._due[0][0] / NANO] if self._due else []
        times += [at for at in (when() for when in self._others) if at is not None]
        return min(times, default=None)

    # Acting

    def after(self, delay: float, call: Callable[[], None]) -> None:
        """Run `call` once `delay` virtual seconds have passed. Short calls only: they run one after the other."""
        self.at(self.now() + max(0.0, delay), call)

    def at(self, moment: float, call: Callable[[], None]) -> None:
        """Run `call` at a moment (Unix seconds); at once when it has passed."""
        with self._guard:
            heapq.heappush(self._due, (round(moment * NANO), next(self._order), call))
            self._guard.notify_all()

    def set_speed(self, speed: float) -> None:
        if speed < 0:
            raise ValueError(f"speed {speed}: time does not run backwards (0 stands still)")
        with self._guard:
            self._rebase(self.now_ns())
            self._speed = speed
            self._guard.notify_all()

    def advance(self, seconds: float) -> float:
        """Live through so many seconds. The new time is returned."""
        return self.advance_to(self.now() + seconds)

    def advance_to(self, target: float) -> float:
        """Live through everything up to `target`: see the module's docstring. The past is an error."""
        if target < self.now() - 1e-6:
            raise ValueError(f"{self.iso(target)} is past, it is {self.iso()} already")
        with self._advance_lock:
            self._advancing = True
            try:
                while True:
                    self._rest()
                    moment = self.next_due()
                    if moment is None or moment > target:
                        break
                    self._move(moment)
                self._move(target)
                self._rest()
            finally:
                self._advancing = False
        return self.now()

    def _rest(self) -> None:
        """What is due now runs, and so does what follows from it."""
        self._run_due()
        self._settle()

    def _move(self, moment: float) -> None:
        with self._guard:
            moment_ns = round(moment * NANO)
            if moment_ns > self.now_ns():
                self._rebase(moment_ns)
            self._guard.notify_all()

    def _rebase(self, now_ns: int) -> None:
        self._base_ns, self._base_real_ns = now_ns, time.monotonic_ns()

    def _pop(self) -> Callable[[], None] | None:
        with self._guard:
            if not self._due or self._due[0][0] > self.now_ns():
                return None
            self._running += 1
            return heapq.heappop(self._due)[2]

    def _run_due(self) -> None:
        with self._run_lock:
            while (call := self._pop()) is not None:
                try:
                    call()
                except Exception:
                    log.exception("what was due failed")
                finally:
                    with self._guard:
                        self._running -= 1

    def _tick(self) -> None:
        while True:
            with self._guard:
                if self._closed:
                    return
                wait = self._seconds_to_next()
                if wait is None or wait > 0:
                    self._guard.wait(min(wait, 0.5) if wait is not None else 0.5)
                    continue
            self._run_due()

    def _seconds_to_next(self) -> float | None:
        """Real seconds until something is due; None: not by itself."""
        if not self._due:
            return None
        virtual = (self._due[0][0] - self.now_ns()) / NANO
        if virtual <= 0:
            return 0
        return virtual / self._speed if self._speed else None
