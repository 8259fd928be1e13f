// Slack's mrkdwn as DOM nodes, by Slack's rules: entities are decoded, <...> are links and mentions, and * _ ~ ` work
// at the edges of words only.

import { EMOJI, withSigns } from "./emoji.js";
import { h } from "./dom.js";

const ENTITY = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const STYLES = [
  ["*", "strong"],
  ["_", "em"],
  ["~", "s"],
];

export function decode(text) {
  return text.replace(/&(lt|gt|amp);/g, (entity) => ENTITY[entity]);
}

export function safeUrl(url) {
  return /^(https?:|mailto:)/i.test(url) ? url : null;
}

export function link(url, label) {
  const target = safeUrl(url);
  return target ? h("a", { href: target, rel: "noreferrer", target: "_blank" }, label) : h("span", {}, label);
}

export function mention(text) {
  return h("span", { class: "mention" }, text);
}

export function emoji(name) {
  return withSigns(EMOJI[name] ?? `:${name}:`);
}

/** A whole mrkdwn text: fenced boxes, quotes, and lines between. */
export function mrkdwn(text) {
  const parts = text.split("```");
  const nodes = [];
  parts.forEach((part, i) => {
    const fenced = i % 2 === 1 && i < parts.length - 1;
    if (fenced) nodes.push(h("pre", {}, decode(part.replace(/^\n/, ""))));
    else nodes.push(...blocks(i % 2 === 1 ? "```" + part : part));
  });
  return nodes;
}

function blocks(text) {
  const nodes = [];
  let quote = null;
  text.split("\n").forEach((line, i, lines) => {
    const quoted = line.match(/^(?:&gt;|>) ?(.*)$/);
    if (quoted) {
      quote ??= nodes[nodes.push(h("blockquote", {})) - 1];
      quote.append(h("div", {}, inline(quoted[1])));
      return;
    }
    quote = null;
    nodes.push(...inline(line));
    if (i < lines.length - 1) nodes.push(h("br"));
  });
  return nodes;
}

/** One line of mrkdwn. */
export function inline(text) {
  const nodes = [];
  let rest = text;
  while (rest) {
    const found = rest.match(/`([^`\n]+)`|<([^<>\n]+)>|:([a-z0-9_+'-]+):/);
    if (!found) return nodes.concat(styled(rest));
    nodes.push(...styled(rest.slice(0, found.index)));
    if (found[1] !== undefined) nodes.push(h("code", {}, decode(found[1])));
    else if (found[2] !== undefined) nodes.push(angle(found[2]));
    else nodes.push(h("span", { class: "emoji", title: `:${found[3]}:` }, emoji(found[3])));
    rest = rest.slice(found.index + found[0].length);
  }
  return nodes;
}

function angle(inner) {
  const [target, label] = inner.split("|", 2).map(decode);
  if (target.startsWith("@")) return mention(label ?? target);
  if (target.startsWith("#")) return mention(`#${label ?? target.slice(1)}`);
  if (target.startsWith("!subteam^")) return mention(label ?? `@${target.slice(9)}`);
  if (target.startsWith("!date^")) return h("span", {}, label ?? target);
  if (target.startsWith("!")) return mention(`@${label ?? target.slice(1)}`);
  return link(target, label ?? target);
}

function styled(text) {
  for (const [mark, tag] of STYLES) {
    const escaped = `\\${mark}`;
    const found = text.match(
      new RegExp(`(^|[\\s([{"'.,;:!?—–-])${escaped}(?=\\S)([^${escaped}\\n]*?\\S)${escaped}(?=$|[\\s)\\]}"'.,;:!?—–-])`),
    );
    if (found) {
      const from = found.index + found[1].length;
      const to = found.index + found[0].length;
      return [...styled(text.slice(0, from)), h(tag, {}, styled(found[2])), ...styled(text.slice(to))];
    }
  }
  return withSigns(decode(text));
}
