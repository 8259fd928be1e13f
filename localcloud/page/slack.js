// A channel as Slack shows it: messages, blocks, threads, edits.

import { clockTime, h, instant, plural } from "./dom.js";
import { withSigns } from "./emoji.js";
import { emoji, inline, link, mention, mrkdwn, safeUrl } from "./mrkdwn.js";

/** A channel: roots in order, each with its thread below. */
export function channel(name, messages) {
  const roots = messages.filter((m) => !m.thread_ts || m.thread_ts === m.ts);
  const nodes = [];
  let day = "";
  for (const root of roots) {
    const today = instant(Number(root.ts)).slice(0, -6);
    if (today !== day) nodes.push(h("div", { class: "day" }, h("span", {}, (day = today))));
    const replies = messages.filter((m) => m.thread_ts === root.ts && m.ts !== root.ts);
    nodes.push(h("article", { class: "thread" }, message(root), replies.length ? thread(root, replies) : null));
  }
  if (!nodes.length) nodes.push(h("p", { class: "empty" }, "No message yet."));
  return h("section", { class: "channel", "aria-label": `Channel ${name}` }, nodes);
}

function thread(root, replies) {
  return h(
    "details",
    { class: "replies", open: true, "data-key": `thread-${root.ts}` },
    h("summary", {}, plural(replies.length, "reply", "replies")),
    replies.map(message),
  );
}

function message(m) {
  const edits = m.edits ?? [];
  return h(
    "div",
    { class: "message" },
    h("img", { class: "avatar", src: "bee.svg", alt: "", width: 36, height: 36 }),
    h(
      "div",
      { class: "body" },
      h(
        "div",
        { class: "who" },
        h("b", {}, m.username ?? "buzzflow"),
        h("span", { class: "app" }, "APP"),
        h("time", { title: `${instant(Number(m.ts))} UTC · ts ${m.ts}` }, clockTime(Number(m.ts))),
        m.subtype === "thread_broadcast" ? h("span", { class: "note" }, "also sent to the channel") : null,
      ),
      content(m),
      (m.files ?? []).map((file) => h("div", { class: "file" }, "📄 ", file.title)),
      m.edited ? history(m, edits) : null,
    ),
  );
}

function content(m) {
  if (m.blocks?.length) return m.blocks.map(block);
  return h("div", { class: "text" }, mrkdwn(m.text));
}

function history(m, edits) {
  const label = `edited ${edits.length > 1 ? `${edits.length} times` : "once"}`;
  return h(
    "details",
    { class: "edits", "data-key": `edits-${m.ts}` },
    h("summary", {}, `(${label})`),
    edits.map((edit, i) =>
      h("div", { class: "edit" }, h("time", {}, i ? clockTime(edits[i - 1].at, true) : "first"), content(edit)),
    ),
  );
}

function textObject(text) {
  return text.type === "mrkdwn" ? mrkdwn(text.text) : inline(text.text.replace(/[<>]/g, (c) => (c === "<" ? "&lt;" : "&gt;")));
}

const BLOCKS = {
  header: (b) => h("h3", { class: "text" }, textObject(b.text)),
  divider: () => h("hr"),
  section: (b) =>
    h(
      "div",
      { class: "section" },
      h(
        "div",
        {},
        b.text ? h("div", { class: "text" }, textObject(b.text)) : null,
        b.fields ? h("div", { class: "fields" }, b.fields.map((f) => h("div", {}, textObject(f)))) : null,
      ),
      b.accessory ? element(b.accessory) : null,
    ),
  context: (b) => h("div", { class: "context" }, b.elements.map((e) => (e.type === "image" ? element(e) : h("span", {}, textObject(e))))),
  actions: (b) => h("div", { class: "actions" }, b.elements.map(element)),
  image: (b) => h("img", { class: "picture", src: safeUrl(b.image_url ?? ""), alt: b.alt_text }),
  markdown: (b) => h("div", { class: "text" }, mrkdwn(b.text)),
  rich_text: (b) => b.elements.map(rich),
};

function block(b) {
  return (BLOCKS[b.type] ?? (() => h("div", { class: "note" }, `(${b.type})`)))(b);
}

function element(e) {
  if (e.type === "image") return h("img", { class: "tiny", src: safeUrl(e.image_url ?? ""), alt: e.alt_text });
  if (e.type === "button") {
    const classes = `button ${e.style ?? ""}`;
    const url = safeUrl(e.url ?? "");
    return url
      ? h("a", { class: classes, href: url, target: "_blank", rel: "noreferrer" }, textObject(e.text))
      : h("span", { class: classes }, textObject(e.text));
  }
  return h("span", { class: "button" }, e.placeholder ? textObject(e.placeholder) : "…");
}

function rich(e) {
  if (e.type === "rich_text_preformatted") return h("pre", {}, e.elements.map((x) => x.text ?? x.url));
  if (e.type === "rich_text_quote") return h("blockquote", {}, e.elements.map(leaf));
  if (e.type === "rich_text_list") {
    return h(e.style === "ordered" ? "ol" : "ul", {}, e.elements.map((x) => h("li", {}, x.elements.map(leaf))));
  }
  return h("div", { class: "text" }, e.elements.map(leaf));
}

function leaf(x) {
  const node = {
    text: () => h("span", {}, withSigns(x.text)),
    link: () => link(x.url, x.text ?? x.url),
    emoji: () => h("span", { class: "emoji" }, emoji(x.name)),
    user: () => mention(`@${x.user_id}`),
    usergroup: () => mention(`@${x.usergroup_id}`),
    channel: () => mention(`#${x.channel_id}`),
    broadcast: () => mention(`@${x.range}`),
  }[x.type]?.() ?? h("span", {}, x.text ?? "");
  const tags = { bold: "strong", italic: "em", strike: "s", code: "code" };
  return Object.keys(x.style ?? {}).reduce((inner, name) => (x.style[name] && tags[name] ? h(tags[name], {}, inner) : inner), node);
}
