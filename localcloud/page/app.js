// Polls the control API, and draws the view that the address names.

import { h, instant } from "./dom.js";
import * as views from "./views.js";

const EVERY = 1000; // milliseconds
const SOURCES = {
  clock: "clock",
  channels: "slack/channels",
  messages: "slack/messages",
  refused: "slack/refused",
  pipelines: "pipelines",
  executions: "sagemaker/executions",
  queues: "queues",
  wire: "wire?limit=400",
  violations: "violations",
};

const state = Object.fromEntries(Object.keys(SOURCES).map((name) => [name, name === "clock" ? { now: 0, speed: 0 } : []]));
let filter = "";
let drawn = "";

async function read(path) {
  const answer = await fetch(`../${path}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

async function poll() {
  try {
    const names = Object.keys(SOURCES);
    const answers = await Promise.all(names.map((name) => read(SOURCES[name])));
    names.forEach((name, i) => (state[name] = answers[i]));
    document.body.classList.remove("offline");
    draw();
  } catch (error) {
    document.body.classList.add("offline");
    document.getElementById("clock").textContent = "not connected";
    console.warn(error);
  }
  setTimeout(poll, EVERY);
}

function route() {
  const [kind = "", ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  return { kind, rest };
}

function viewOf({ kind, rest }) {
  if (kind === "channel") return views.channelView(state, rest[0] ?? state.channels[0]?.name ?? "");
  if (kind === "pipeline") return views.pipelineView(state, rest[0], rest[1], rest[2]);
  if (kind === "queues") return views.queueView(state);
  if (kind === "wire") return views.wireView(state, filter, (text) => ((filter = text), draw()));
  return views.overview(state);
}

/** What a view depends on; nothing is drawn again while it stays the same. */
function dependencies({ kind }) {
  const { messages, channels, refused, pipelines, executions, queues, wire, violations } = state;
  if (kind === "channel") return [messages, channels, refused];
  if (kind === "pipeline") return [pipelines, executions, running() && Math.floor(state.clock.now)];
  if (kind === "queues") return [queues, violations, refused];
  if (kind === "wire") return [wire.at(-1)?.n, filter];
  return [messages, channels, pipelines, executions, queues, running() && Math.floor(state.clock.now)];
}

function running() {
  return state.executions.some((e) => e.ended === null);
}

function draw(force = false) {
  drawClock();
  const at = route();
  drawNavigation(at);
  const signature = JSON.stringify([location.hash, window.innerWidth, dependencies(at)]);
  if (!force && signature === drawn) return;
  drawn = signature;
  const view = document.getElementById("view");
  const kept = remember(view);
  view.replaceChildren(viewOf(at));
  recall(view, kept);
}

function drawClock() {
  const { now, speed } = state.clock;
  const clock = document.getElementById("clock");
  const pace = speed === 1 ? "" : speed === 0 ? "stands still" : `×${speed}`;
  clock.replaceChildren(h("b", {}, instant(now)), " UTC", pace ? h("span", { class: "chip" }, pace) : "");
}

function drawNavigation({ kind }) {
  const busy = state.queues.reduce((sum, q) => sum + q.visible + q.hidden + q.delayed, 0);
  const problems = state.violations.length;
  const links = [
    ["", "Overview", 0],
    ["channel", "Slack", state.messages.length],
    ["pipeline", "Pipelines", state.executions.length],
    ["queues", "Queues", problems || busy, problems > 0],
    ["wire", "Wire", 0],
  ];
  document.getElementById("nav").replaceChildren(
    ...links.map(([to, label, number, bad]) =>
      h("a", { href: `#/${to}`, "aria-current": kind === to ? "page" : null }, label, number ? h("small", { class: bad ? "bad" : "" }, number) : null),
    ),
  );
}

// Open details, scrolled boxes, the field with the focus and the page's own scroll survive a redraw.

function remember(view) {
  const keyed = [...view.querySelectorAll("details[data-key]")].map((d) => [d.dataset.key, d.open]);
  const scrolled = [...view.querySelectorAll("[data-scroll]")].map((e) => [e.dataset.scroll, [e.scrollLeft, e.scrollTop]]);
  const focus = document.activeElement?.dataset?.key;
  return { open: new Map(keyed), scroll: new Map(scrolled), focus, page: window.scrollY };
}

function recall(view, kept) {
  for (const details of view.querySelectorAll("details[data-key]")) {
    if (kept.open.has(details.dataset.key)) details.open = kept.open.get(details.dataset.key);
  }
  for (const element of view.querySelectorAll("[data-scroll]")) {
    const [left, top] = kept.scroll.get(element.dataset.scroll) ?? [0, 0];
    element.scrollTo(left, top);
  }
  if (kept.focus) {
    const field = view.querySelector(`input[data-key="${kept.focus}"]`);
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  }
  window.scrollTo(0, kept.page);
}

window.addEventListener("hashchange", () => {
  draw(true);
  window.scrollTo(0, 0);
});
window.addEventListener("resize", () => draw());
poll();
