"""First paint and change of period in Chromium: this map against plotly Choroplethmap with Patch, in the same run.

``python -m benchmarks.map_browser`` prints a Markdown table. *Settled* is the time until browser and server together
use less than 16 % of one core with no request open (looked at every 0.25 s), so drawing on an emulated GPU is inside;
*main thread* is CPU time of the page's main thread, *renderer* that of its process, *upload* what went to the GPU.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import CDPSession, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]  # fmt: skip
STEP_S, QUIET_SHARE, QUIET_STEPS, LIMIT_S = 0.25, 0.16, 4, 90.0
HOOK = """(() => {
  window.bench = {bytes: 0, longest: 0};
  const size = (args) => { for (const a of args) if (a && a.byteLength !== undefined) return a.byteLength; return 0; };
  for (const proto of [WebGL2RenderingContext.prototype, WebGLRenderingContext.prototype])
    for (const name of ['bufferData', 'bufferSubData', 'texImage2D', 'texSubImage2D']) {
      const own = proto[name];
      proto[name] = function (...args) { window.bench.bytes += size(args); return own.apply(this, args); };
    }
  new PerformanceObserver((list) => {
    for (const e of list.getEntries()) window.bench.longest = Math.max(window.bench.longest, e.duration);
  }).observe({type: 'longtask', buffered: true});
})();"""


@dataclass
class Phase:
    """What one step cost."""

    settled_s: float
    main_ms: float
    longest_ms: float
    renderer_s: float
    upload_mb: float
    memory_mb: float


@dataclass
class Meter:
    """Watches one page: processes, open requests, counters."""

    page: Page
    cdp: CDPSession
    server: psutil.Process
    open_requests: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.cdp.send("Network.enable")
        self.cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.cdp.on("Network.requestWillBeSent", self._sent)
        for event in ("Network.loadingFinished", "Network.loadingFailed"):
            self.cdp.on(event, lambda e: self.open_requests.discard(e["requestId"]))

    def _sent(self, event: dict[str, Any]) -> None:
        # Chromium never reports the script of a worker as finished; what counts here are data and callbacks.
        url = event["request"]["url"]
        if not url.startswith(("blob:", "data:")) and "/assets/" not in url:
            self.open_requests.add(event["requestId"])

    def processes(self, kind: str = "") -> list[psutil.Process]:
        """Chromium's processes below this one, of one type if named."""
        found = []
        for child in psutil.Process().children(recursive=True):
            try:
                if "chrom" in child.name() and (not kind or f"--type={kind}" in child.cmdline()):
                    found.append(child)
            except psutil.Error:
                continue
        return found

    def cpu(self, processes: list[psutil.Process]) -> float:
        """CPU seconds used so far."""
        total = 0.0
        for process in processes:
            try:
                times = process.cpu_times()
                total += times.user + times.system
            except psutil.Error:
                continue
        return total

    def main_thread_s(self) -> float:
        """CPU seconds of the main thread, as the browser counts them."""
        metrics = self.cdp.send("Performance.getMetrics")["metrics"]
        return next(m["value"] for m in metrics if m["name"] == "TaskDuration")

    def settle(self) -> float:
        """Wait until nothing happens; return the moment it became quiet."""
        start = quiet_since = time.monotonic()
        used, quiet = self.cpu([*self.processes(), self.server]), 0
        while time.monotonic() - start < LIMIT_S:
            self.page.wait_for_timeout(1000 * STEP_S)
            now = self.cpu([*self.processes(), self.server])
            if now - used < QUIET_SHARE * STEP_S and not self.open_requests:
                quiet += 1
                if quiet >= QUIET_STEPS:
                    return quiet_since
            else:
                quiet, quiet_since = 0, time.monotonic()
            used = now
        return float("nan")

    def phase(self, begin: Any) -> Phase:
        """Run ``begin`` and measure until the page has settled."""
        fresh = self.page.url == "about:blank"
        renderers = self.processes("renderer")
        cpu, main = (0.0, 0.0) if fresh else (self.cpu(renderers), self.main_thread_s())
        uploaded = 0 if fresh else self.page.evaluate("(window.bench.longest = 0, window.bench.bytes)")
        start = time.monotonic()
        begin()
        settled = self.settle() - start
        got = self.page.evaluate("window.bench")
        renderers = self.processes("renderer")
        memory = max(p.memory_info().rss for p in renderers) / 1e6
        return Phase(
            settled, 1000 * (self.main_thread_s() - main), got["longest"], self.cpu(renderers) - cpu,
            (got["bytes"] - uploaded) / 1e6, memory,
        )  # fmt: skip


def measure(kind: str, cells: int) -> dict[str, Phase]:
    """First view, a new period (best of three, none fetched ahead) and a period seen before."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.map_pages", kind, str(cells), str(port)]
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[1]
    )
    try:
        _wait_for(port, server)
        with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
            context = playwright.chromium.launch_persistent_context(
                profile, executable_path=CHROMIUM, args=FLAGS, viewport={"width": 1280, "height": 800}
            )
            context.add_init_script(HOOK)
            page = context.pages[0]
            page.set_default_timeout(1000 * LIMIT_S)
            meter = Meter(page, context.new_cdp_session(page), psutil.Process(server.pid))
            phases = {"first view": meter.phase(lambda: page.goto(f"http://127.0.0.1:{port}/", wait_until="commit"))}
            changes = [meter.phase(_set_period(page, p)) for p in (12, 16, 20)]
            phases["new period"] = min(changes, key=lambda p: p.settled_s)
            phases["period seen before"] = meter.phase(_set_period(page, 16))
            context.close()
            return phases
    finally:
        server.terminate()
        server.wait(10)


def _set_period(page: Page, period: int) -> Any:
    return lambda: page.evaluate("(p) => window.dash_clientside.set_props('map-period', {data: p})", str(period))


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        if server.poll() is not None:
            raise RuntimeError(f"the page ended with code {server.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the page did not start within two minutes")


def table(rows: dict[tuple[str, str], Phase]) -> str:
    """The measurements as Markdown."""
    head = (
        "| page | step | settled s | main thread ms | longest block ms | renderer CPU s | GPU upload MB | memory MB |"
    )
    lines = [head, "|---|---|" + "---:|" * 6]
    for (page, step), p in rows.items():
        lines.append(
            f"| {page} | {step} | {p.settled_s:.2f} | {p.main_ms:.0f} | {p.longest_ms:.0f} | {p.renderer_s:.2f} "
            f"| {p.upload_mb:.2f} | {p.memory_mb:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    rows: dict[tuple[str, str], Phase] = {}
    plan = [("plotly", 100_000), ("ours", 100_000), ("ours", 1_000_000), ("levels", 1_000_000)]
    for kind, cells in plan:
        title = {"plotly": "plotly + Patch", "ours": "this map", "levels": "this map, levels 7-9"}[kind]
        for step, phase in measure(kind, cells).items():
            rows[f"{title}, {cells:,} cells", step] = phase
            print(table({(title, step): phase}).splitlines()[-1], file=sys.stderr, flush=True)
    print(table(rows))
    new = {kind: rows[f"{kind}, 100,000 cells", "new period"] for kind in ("plotly + Patch", "this map")}
    theirs, mine = new.values()
    print(
        f"\nA new period at 100,000 cells: settled {theirs.settled_s / mine.settled_s:.0f}x sooner, main thread "
        f"{theirs.main_ms / mine.main_ms:.0f}x less, renderer {theirs.renderer_s / mine.renderer_s:.0f}x less, memory "
        f"1/{theirs.memory_mb / mine.memory_mb:.1f}."
    )


if __name__ == "__main__":
    main()
