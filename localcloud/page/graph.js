// A pipeline as a picture: layers by longest path, few crossings, and lines that go around boxes.

import { duration, s } from "./dom.js";

const BOX = { width: 172, height: 50 };
const GAP = { along: 28, down: 30, across: 18 };
const SWEEPS = 8;
const READABLE = 0.8; // a picture may shrink to this
const LANE = 10; // room that a passing line takes across

/**
 * `runs`: step name -> its state in the chosen execution. Options: `room`, the pixels there are from left to right (a
 * pipeline that does not fit runs downwards); `chosen`, a step's name; `choose(name)`, called on a click.
 */
export function graph(steps, runs, options = {}) {
  let down = false;
  let found = layout(steps, down);
  if (found.length * READABLE > options.room) {
    down = true;
    found = layout(steps, down);
  }
  const { nodes, edges, length, breadth } = found;
  const width = down ? breadth : length;
  const height = down ? length : breadth;
  const place = (along, across) => (down ? [across, along] : [along, across]);
  return s(
    "svg",
    {
      class: "graph",
      viewBox: `-6 -6 ${width + 12} ${height + 12}`,
      width: width + 12,
      role: "img",
      "aria-label": `Graph of ${steps.length} steps`,
    },
    edges.map((edge) => line(edge, runs, place, down)),
    nodes.filter((n) => n.step).map((n) => box(n, runs[n.step.name], down, options)),
  );
}

// Layout, in two axes: `along` the flow and `across` it.

function layout(steps, down) {
  const size = down ? { along: BOX.height, across: BOX.width } : { along: BOX.width, across: BOX.height };
  const gap = down ? GAP.down : GAP.along;
  const known = new Map(steps.map((step) => [step.name, step]));
  const before = new Map(
    steps.map((step) => [step.name, [...new Set([...step.needs, step.parent])].filter((n) => n && known.has(n))]),
  );
  const layerOf = layers(steps, before);
  const direct = reduced(steps, before);
  const columns = [];
  const nodes = new Map();
  const add = (key, layer, step) => {
    const node = { key, layer, step, across: 0, size: step ? size.across : LANE, from: [], to: [] };
    nodes.set(key, node);
    (columns[layer] ??= []).push(node);
    return node;
  };
  steps.forEach((step) => add(step.name, layerOf.get(step.name), step));
  const edges = direct.map(([from, to]) => {
    const chain = [nodes.get(from)];
    for (let layer = chain[0].layer + 1; layer < layerOf.get(to); layer++) chain.push(add(`${from}>${to}@${layer}`, layer));
    chain.push(nodes.get(to));
    for (let i = 1; i < chain.length; i++) {
      chain[i - 1].to.push(chain[i]);
      chain[i].from.push(chain[i - 1]);
    }
    const target = known.get(to);
    return { chain, from, to, branch: target.parent === from ? target.branch : "" };
  });
  order(columns);
  spread(columns);
  const all = [...nodes.values()];
  const least = Math.min(0, ...all.map((n) => n.across - n.size / 2));
  all.forEach((n) => {
    n.across -= least;
    n.along = n.layer * (size.along + gap);
    n.extent = size.along;
  });
  const breadth = Math.max(1, ...all.map((n) => n.across + n.size / 2));
  return { nodes: all, edges, length: columns.length * (size.along + gap) - gap, breadth };
}

function layers(steps, before) {
  const found = new Map();
  const visit = (name, path) => {
    if (found.has(name)) return found.get(name);
    if (path.has(name)) return 0; // a cycle cannot be deployed; do not hang on one
    path.add(name);
    const layer = Math.max(-1, ...before.get(name).map((n) => visit(n, path))) + 1;
    path.delete(name);
    found.set(name, layer);
    return layer;
  };
  steps.forEach((step) => visit(step.name, new Set()));
  return found;
}

/** Edges without those that a longer way implies. */
function reduced(steps, before) {
  const reach = new Map();
  const ancestors = (name) => {
    if (!reach.has(name)) {
      reach.set(name, new Set());
      const all = new Set(before.get(name).flatMap((n) => [n, ...ancestors(n)]));
      reach.set(name, all);
    }
    return reach.get(name);
  };
  return steps.flatMap((step) => {
    const needs = before.get(step.name);
    const implied = new Set(needs.flatMap((n) => [...ancestors(n)]));
    return needs.filter((n) => !implied.has(n)).map((n) => [n, step.name]);
  });
}

function order(columns) {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forward = sweep % 2 === 0;
    columns.forEach((column) => column.forEach((node, i) => (node.rank = i)));
    for (const column of forward ? columns : [...columns].reverse()) {
      const weight = (node) => {
        const others = forward ? node.from : node.to;
        return others.length ? others.reduce((sum, n) => sum + n.rank, 0) / others.length : node.rank;
      };
      column.forEach((node) => (node.weight = weight(node)));
      column.sort((a, b) => a.weight - b.weight);
      column.forEach((node, i) => (node.rank = i));
    }
  }
}

/** Positions across: near the neighbours, with room between. */
function spread(columns) {
  columns.forEach((column) => {
    let at = 0;
    column.forEach((node) => {
      node.across = at + node.size / 2;
      at += node.size + GAP.across;
    });
    column.forEach((node) => (node.across -= (at - GAP.across) / 2));
  });
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forward = sweep % 2 === 0;
    for (const column of forward ? columns : [...columns].reverse()) {
      const wish = column.map((node) => {
        const others = forward ? node.from : node.to;
        return others.length ? others.reduce((sum, n) => sum + n.across, 0) / others.length : node.across;
      });
      place(column, wish);
    }
  }
}

function place(column, wish) {
  const room = (i) => (column[i].size + column[i - 1].size) / 2 + GAP.across;
  const low = [...wish];
  for (let i = 1; i < low.length; i++) low[i] = Math.max(low[i], low[i - 1] + room(i));
  const high = [...wish];
  for (let i = high.length - 2; i >= 0; i--) high[i] = Math.min(high[i], high[i + 1] - room(i + 1));
  column.forEach((node, i) => (node.across = (low[i] + high[i]) / 2));
}

// Drawing

function line(edge, runs, place, down) {
  const points = [];
  edge.chain.forEach((node, i) => {
    if (i > 0) points.push([node.along, node.across]);
    if (i < edge.chain.length - 1) points.push([node.along + node.extent, node.across]);
  });
  let path = "";
  for (let i = 0; i + 1 < points.length; i++) {
    const [a, b] = [points[i], points[i + 1]];
    const [x1, y1] = place(...a);
    const [x2, y2] = place(...b);
    if (i === 0) path += `M${x1} ${y1}`;
    if (i % 2 === 1) {
      path += `L${x2} ${y2}`;
      continue;
    }
    const middle = (a[0] + b[0]) / 2;
    path += `C${place(middle, a[1]).join(" ")} ${place(middle, b[1]).join(" ")} ${x2} ${y2}`;
  }
  const to = runs[edge.to];
  const skipped = edge.branch && runs[edge.from]?.branch && runs[edge.from].branch !== edge.branch;
  const [lx, ly] = place(...points[points.length - 1]);
  const word = edge.branch === "IfSteps" ? "then" : "else";
  return s(
    "g",
    { class: `edge ${to ? "taken" : ""} ${skipped ? "skipped" : ""}` },
    s("path", { d: path }),
    edge.branch ? s("text", down ? { x: lx + 6, y: ly - 8 } : { x: lx - 8, y: ly - 7, "text-anchor": "end" }, word) : null,
  );
}

const MARK = { Succeeded: "✓", Failed: "✕", Stopped: "■", Stopping: "■", Starting: "…", Executing: "", Waiting: "" };

function box(node, run, down, options) {
  const step = node.step;
  const state = run?.status ?? "Waiting";
  const [x, y] = down ? [node.across - BOX.width / 2, node.along] : [node.along, node.across - BOX.height / 2];
  const notes = [step.type];
  if (run?.cached) notes.push("cached");
  else if (run?.ended) notes.push(duration(run.ended - run.began));
  if (run?.attempt > 1) notes.push(`attempt ${run.attempt}`);
  const round = step.type === "Condition" ? BOX.height / 2 : 9;
  const chosen = options.chosen === step.name;
  return s(
    "g",
    {
      class: `box ${state.toLowerCase()} ${run?.cached ? "cached" : ""} ${chosen ? "chosen" : ""}`,
      transform: `translate(${x} ${y})`,
      tabindex: 0,
      role: "button",
      "aria-label": `${step.name}, ${step.type}, ${state}`,
      onclick: () => options.choose?.(step.name),
      onkeydown: (event) => ["Enter", " "].includes(event.key) && options.choose?.(step.name),
    },
    s("title", {}, [step.name, state, run?.reason, step.description].filter(Boolean).join("\n")),
    s("rect", { width: BOX.width, height: BOX.height, rx: round }),
    s("circle", { class: "light", cx: 22, cy: BOX.height / 2, r: 10 }),
    s("text", { class: "mark", x: 22, y: BOX.height / 2 + 4.5, "text-anchor": "middle" }, MARK[state] ?? ""),
    s("text", { class: "name", x: 42, y: 21 }, shortened(step.name, 16)),
    s("text", { class: "kind", x: 42, y: 38 }, shortened(notes.join(" · "), 22)),
  );
}

function shortened(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
