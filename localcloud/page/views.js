// The views: each takes what the control API said and returns nodes.

import { clockTime, duration, h, instant, plural } from "./dom.js";
import { graph } from "./graph.js";
import { channel } from "./slack.js";

const RUNS_SHOWN = 60;
const WIRE_SHOWN = 250;

function panel(title, extra, ...children) {
  return h("section", { class: "panel" }, h("header", {}, h("h2", {}, title), extra), children);
}

function empty(text) {
  return h("p", { class: "empty" }, text);
}

// Overview

export function overview(state) {
  const busiest = [...state.channels].sort((a, b) => count(state, b) - count(state, a))[0];
  const latest = state.executions.at(-1);
  const pipeline = state.pipelines.find((p) => p.name === latest?.pipeline) ?? state.pipelines[0];
  return h(
    "div",
    { class: "overview" },
    h("div", { class: "column wide" }, busiest ? channelPanel(state, busiest.name) : panel("Slack", null, empty("No channel yet."))),
    h(
      "div",
      { class: "column" },
      pipeline ? graphPanel(state, pipeline, latest?.pipeline === pipeline.name ? latest : null, { half: true }) : panel("Pipelines", null, empty("No pipeline yet.")),
      panel("Runs", null, runs(state, state.executions.slice(-6))),
      panel("Queues", null, queueTable(state, state.queues.filter((q) => !q.name.endsWith("-dead") || q.visible + q.hidden + q.delayed))),
    ),
  );
}

function count(state, c) {
  return state.messages.filter((m) => m.channel === c.id).length;
}

// Slack

export function channelView(state, name) {
  const tabs = h(
    "div",
    { class: "tabs" },
    state.channels.map((c) =>
      h("a", { href: `#/channel/${c.name}`, "aria-current": c.name === name ? "page" : null }, `#${c.name}`, h("small", {}, count(state, c))),
    ),
  );
  return h("div", { class: "single" }, state.channels.length > 1 ? tabs : null, channelPanel(state, name));
}

function channelPanel(state, name) {
  const messages = state.messages.filter((m) => m.channel_name === name);
  const refused = state.refused.length;
  const extra = refused ? h("span", { class: "chip bad" }, plural(refused, "payload"), " refused") : null;
  return panel(h("a", { href: `#/channel/${name}` }, `#${name}`), extra, channel(name, messages));
}

// Pipelines

export function pipelineView(state, name, arn, step) {
  const pipeline = state.pipelines.find((p) => p.name === name) ?? state.pipelines[0];
  if (!pipeline) return h("div", { class: "single" }, panel("Pipelines", null, empty("No pipeline yet.")));
  const own = state.executions.filter((e) => e.pipeline === pipeline.name);
  const chosen = own.find((e) => e.arn.endsWith(`/${arn}`)) ?? own.at(-1) ?? null;
  const tabs = h(
    "div",
    { class: "tabs" },
    state.pipelines.map((p) =>
      h("a", { href: `#/pipeline/${p.name}`, "aria-current": p.name === pipeline.name ? "page" : null }, p.name),
    ),
  );
  return h(
    "div",
    { class: "single" },
    state.pipelines.length > 1 ? tabs : null,
    graphPanel(state, pipeline, chosen, { step }),
    h(
      "div",
      { class: "pair" },
      panel("Runs", h("span", { class: "note" }, plural(own.length, "run")), runs(state, own, chosen)),
      chosen ? panel(chosen.name, statusChip(chosen.status), details(pipeline, chosen, step)) : facts(pipeline),
    ),
  );
}

function graphPanel(state, pipeline, execution, { step, half } = {}) {
  const page = Math.min(window.innerWidth, half ? 1560 : 1180) - 80;
  const room = half && window.innerWidth > 980 ? page / 2 - 30 : page;
  const id = execution?.arn.split("/").at(-1);
  const picture = graph(pipeline.steps, execution?.steps ?? {}, {
    room,
    chosen: step,
    choose: (name) => (location.hash = `#/pipeline/${pipeline.name}/${id ?? "-"}/${name}`),
  });
  const extra = execution ? statusChip(execution.status) : h("span", { class: "chip" }, "not run yet");
  return panel(
    h("a", { href: `#/pipeline/${pipeline.name}${id ? `/${id}` : ""}` }, pipeline.name),
    extra,
    pipeline.description ? h("p", { class: "lead" }, pipeline.description) : null,
    h("div", { class: "canvas", "data-scroll": `graph-${pipeline.name}` }, picture),
  );
}

function facts(pipeline) {
  const rows = pipeline.parameters.map((p) => [p.name, p.default === null ? `${p.type}, required` : `${p.type} = ${p.default}`]);
  return panel("Parameters", null, rows.length ? pairs(rows) : empty("None."));
}

function statusChip(status) {
  return h("span", { class: `chip ${status.toLowerCase()}` }, status);
}

function details(pipeline, execution, name) {
  const run = execution.steps[name];
  const rows = [
    ["started", `${instant(execution.began)} UTC`],
    ["took", execution.ended ? duration(execution.ended - execution.began) : "still running"],
    ["id", execution.arn.split("/").at(-1)],
    execution.retries ? ["retries", execution.retries] : null,
    execution.reason ? ["reason", execution.reason] : null,
    ...Object.entries(execution.parameters).map(([key, value]) => [key, String(value)]),
  ];
  const step = pipeline.steps.find((s) => s.name === name);
  const failed = Object.entries(execution.steps).filter(([, s]) => s.status === "Failed");
  return [
    pairs(rows.filter(Boolean)),
    step ? stepDetails(step, run) : failed.map(([key, s]) => stepDetails(pipeline.steps.find((x) => x.name === key), s)),
  ];
}

function stepDetails(step, run) {
  const rows = [
    ["type", step.type],
    step.needs.length ? ["after", step.needs.join(", ")] : null,
    run ? ["began", `${instant(run.began)} UTC`] : null,
    run?.ended ? ["took", duration(run.ended - run.began)] : null,
    run?.attempt > 1 ? ["attempts", run.attempt] : null,
    run?.cached ? ["cache", "reused an earlier run"] : null,
    run?.job ? ["job", run.job] : null,
  ];
  return h(
    "div",
    { class: "step" },
    h("h3", {}, step.name, " ", run ? statusChip(run.status) : h("span", { class: "chip" }, "not begun")),
    step.description ? h("p", { class: "lead" }, step.description) : null,
    pairs(rows.filter(Boolean)),
    run?.reason ? h("pre", { class: "reason" }, run.reason) : null,
  );
}

function pairs(rows) {
  return h("dl", { class: "pairs" }, rows.map(([key, value]) => [h("dt", {}, key), h("dd", {}, value)]));
}

function runs(state, executions, chosen) {
  if (!executions.length) return empty("No run yet.");
  const now = state.clock.now;
  return h(
    "ul",
    { class: "runs", "data-scroll": "runs" },
    [...executions]
      .reverse()
      .slice(0, RUNS_SHOWN)
      .map((e) =>
        h(
          "li",
          {},
          h(
            "a",
            {
              href: `#/pipeline/${e.pipeline}/${e.arn.split("/").at(-1)}`,
              class: e === chosen ? "chosen" : "",
              title: e.reason ?? e.status,
            },
            h("span", { class: `dot ${e.status.toLowerCase()}` }),
            h("span", { class: "run" }, h("b", {}, e.name), chosen === undefined ? h("small", {}, e.pipeline) : null),
            h("span", { class: "when" }, instant(e.began), h("small", {}, duration((e.ended ?? now) - e.began))),
            h("span", { class: "parameters" }, Object.entries(e.parameters).map(([k, v]) => h("code", {}, `${k}=${v}`))),
          ),
        ),
      ),
  );
}

// Queues

export function queueView(state) {
  return h(
    "div",
    { class: "single" },
    panel("Queues", h("span", { class: "note" }, plural(state.queues.length, "queue")), queueTable(state, state.queues)),
    violations(state),
  );
}

function queueTable(state, queues) {
  if (!queues.length) return empty("No queue yet.");
  const most = Math.max(10, ...queues.map((q) => q.visible + q.hidden + q.delayed));
  const dead = new Set(state.queues.map((q) => q.dead_letters).filter(Boolean));
  return h(
    "table",
    { class: "queues" },
    h("thead", {}, h("tr", {}, ["queue", "", "ready", "in flight", "delayed"].map((t, i) => h("th", { class: i > 1 ? "number" : "" }, t)))),
    h(
      "tbody",
      {},
      queues.map((q) => {
        const bad = dead.has(q.name) && q.visible + q.hidden + q.delayed > 0;
        return h(
          "tr",
          { class: bad ? "bad" : "" },
          h("td", {}, q.name.replace(/^buzzflow-/, ""), dead.has(q.name) ? h("small", {}, " dead letters") : null),
          h("td", { class: "bar" }, bar(q, most)),
          [q.visible, q.hidden, q.delayed].map((n) => h("td", { class: `number ${n ? "" : "zero"}` }, n)),
        );
      }),
    ),
  );
}

function bar(q, most) {
  const piece = (name, n) => {
    const element = h("i", { class: name });
    element.style.width = `${(100 * n) / most}%`;
    return n ? element : null;
  };
  return h("span", {}, piece("ready", q.visible), piece("flight", q.hidden), piece("delayed", q.delayed));
}

function violations(state) {
  const rows = [...state.violations, ...state.refused.map((r) => ({ what: `Slack refused ${r.method}: ${r.error}`, detail: r.details }))];
  if (!rows.length) return null;
  return panel(
    "What no client should have sent",
    h("span", { class: "chip bad" }, rows.length),
    h(
      "ul",
      { class: "violations" },
      rows.slice(-40).map((v) => h("li", {}, h("b", {}, v.what), v.detail ? h("pre", {}, text(v.detail)) : null)),
    ),
  );
}

function text(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 1).slice(0, 1500);
}

// The wire log

export function wireView(state, filter, onFilter) {
  const wanted = filter.toLowerCase();
  const rows = state.wire.filter((r) => !wanted || `${r.caller} ${r.service} ${r.operation} ${r.path} ${r.status} ${r.code}`.toLowerCase().includes(wanted));
  return h(
    "div",
    { class: "single" },
    panel(
      "Wire log",
      h("input", {
        type: "search",
        placeholder: "filter: caller, operation, status",
        value: filter,
        "aria-label": "Filter",
        "data-key": "wire-filter",
        oninput: (event) => onFilter(event.target.value),
      }),
      h(
        "div",
        { class: "scroll" },
        h(
          "table",
          { class: "wire" },
          h("thead", {}, h("tr", {}, ["time", "caller", "call", "status", "ms"].map((t) => h("th", { class: t === "ms" ? "number" : "" }, t)))),
          h("tbody", {}, rows.slice(-WIRE_SHOWN).reverse().map(wireRow)),
        ),
      ),
      rows.length ? null : empty("Nothing to show."),
    ),
  );
}

function wireRow(r) {
  const bad = r.status >= 400 || r.status === 0;
  return h(
    "tr",
    { class: bad ? "bad" : "" },
    h("td", { title: instant(r.at) }, clockTime(r.at, true)),
    h("td", {}, r.caller.replace(/^buzzflow-/, "") || "–"),
    h("td", { title: `${r.method} ${r.path}` }, h("span", { class: "service" }, r.service === "route" ? r.path.split("/")[1] : r.service), " ", r.operation || r.path),
    h("td", {}, r.status || "–", r.code ? h("small", {}, ` ${r.code}`) : null, r.fault ? h("span", { class: "chip bad" }, r.fault) : null),
    h("td", { class: "number" }, r.ms.toFixed(1)),
  );
}
