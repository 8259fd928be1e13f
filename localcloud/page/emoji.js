// The shortcodes that alerts are likely to use; others stay as they are written. The commonest signs are drawn here, so
// that they look the same where no emoji font is installed.

import { h, s } from "./dom.js";

export const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", heavy_multiplication_x: "✖️", warning: "⚠️", rotating_light: "🚨",
  large_green_circle: "🟢", red_circle: "🔴", large_yellow_circle: "🟡", large_blue_circle: "🔵", large_orange_circle: "🟠",
  white_circle: "⚪", black_circle: "⚫", large_purple_circle: "🟣", hourglass: "⌛", hourglass_flowing_sand: "⏳",
  arrows_counterclockwise: "🔄", repeat: "🔁", recycle: "♻️", zap: "⚡", rocket: "🚀", package: "📦", no_entry: "⛔",
  no_entry_sign: "🚫", octagonal_sign: "🛑", stop_sign: "🛑", black_square_for_stop: "⏹️", stop_button: "⏹️",
  arrow_forward: "▶️", pause_button: "⏸️", double_vertical_bar: "⏸️", fast_forward: "⏩", bulb: "💡", mag: "🔍",
  mag_right: "🔎", link: "🔗", memo: "📝", page_facing_up: "📄", scroll: "📜", wrench: "🔧", hammer_and_wrench: "🛠️",
  gear: "⚙️", bug: "🐛", fire: "🔥", tada: "🎉", sparkles: "✨", bell: "🔔", no_bell: "🔕", clock1: "🕐", alarm_clock: "⏰",
  stopwatch: "⏱️", calendar: "📅", spiral_calendar_pad: "🗓️", chart_with_upwards_trend: "📈", bar_chart: "📊",
  file_folder: "📁", floppy_disk: "💾", lock: "🔒", key: "🔑", eyes: "👀", wave: "👋", bee: "🐝", honeybee: "🐝",
  honey_pot: "🍯", question: "❓", exclamation: "❗", information_source: "ℹ️", point_right: "👉", thread: "🧵",
  test_tube: "🧪", robot_face: "🤖", construction: "🚧", "+1": "👍", "-1": "👎", ok: "🆗", new: "🆕", up: "🆙",
  cloud: "☁️", turtle: "🐢", snail: "🐌", skull: "💀", boom: "💥", label: "🏷️", pushpin: "📌", round_pushpin: "📍",
  large_green_square: "🟩", large_red_square: "🟥", large_yellow_square: "🟨", large_blue_square: "🟦",
  white_large_square: "⬜", black_large_square: "⬛", arrow_right: "➡️", arrow_down: "⬇️", arrow_up: "⬆️",
  leftwards_arrow_with_hook: "↩️", heavy_minus_sign: "➖", broom: "🧹", inbox_tray: "📥", outbox_tray: "📤",
};

const GREEN = "#2fa866";
const RED = "#dd3b2a";
const AMBER = "#f0b429";
const BLUE = "#3a8ddb";
const ORANGE = "#ef8a17";
const GREY = "#8a857b";

const disc = (fill, stroke) => [s("circle", { cx: 8, cy: 8, r: 7, fill, stroke, "stroke-width": stroke ? 1 : 0 })];
const square = (fill) => [s("rect", { x: 1, y: 1, width: 14, height: 14, rx: 3.5, fill })];
const stroke = (d, color, width = 2) => s("path", { d, fill: "none", stroke: color, "stroke-width": width, "stroke-linecap": "round", "stroke-linejoin": "round" });
const shape = (d, fill) => s("path", { d, fill });

const DRAWN = {
  "✅": () => [...square(GREEN), stroke("M4.2 8.4 7 11l4.9-5.6", "#fff")],
  "✔": () => [stroke("M2.5 8.6 6.3 12.4 13.6 4", GREEN, 2.6)],
  "❌": () => [stroke("M3.4 3.4l9.2 9.2M12.6 3.4l-9.2 9.2", RED, 2.8)],
  "✖": () => [stroke("M3.4 3.4l9.2 9.2M12.6 3.4l-9.2 9.2", GREY, 2.8)],
  "🟢": () => disc(GREEN),
  "🔴": () => disc(RED),
  "🟡": () => disc(AMBER),
  "🔵": () => disc(BLUE),
  "🟠": () => disc(ORANGE),
  "⚪": () => disc("#f4f1ea", "#b9b1a2"),
  "⚫": () => disc("#3b372f"),
  "⚠": () => [shape("M8 1.2 15.4 14H.6z", AMBER), stroke("M8 5.8v3.6M8 11.6v.1", "#2a2118", 1.7)],
  "🛑": () => [shape("M5 1h6l4 4v6l-4 4H5l-4-4V5z", RED), stroke("M5 8h6", "#fff", 2.2)],
  "⛔": () => [...disc(RED), stroke("M4.6 8h6.8", "#fff", 2.4)],
  "🚫": () => [s("circle", { cx: 8, cy: 8, r: 6, fill: "none", stroke: RED, "stroke-width": 2 }), stroke("M4 4l8 8", RED)],
  "⏳": () => [stroke("M4 1.8h8M4 14.2h8M4.8 2c0 4 6.4 8 6.4 12M11.2 2c0 4-6.4 8-6.4 12", ORANGE, 1.6)],
  "⌛": () => [stroke("M4 1.8h8M4 14.2h8M4.8 2c0 4 6.4 8 6.4 12M11.2 2c0 4-6.4 8-6.4 12", GREY, 1.6)],
  "🔄": () => [...square(BLUE), stroke("M11.6 6.2A4 4 0 0 0 4.6 6M4.4 9.8a4 4 0 0 0 7 .2M11.8 3.6v2.6H9.3M4.2 12.4V9.8h2.5", "#fff", 1.4)],
  "💡": () => [shape("M8 1a5 5 0 0 0-2.8 9.1V12h5.6v-1.9A5 5 0 0 0 8 1z", AMBER), stroke("M6 13.6h4M6.8 15.2h2.4", GREY, 1.2)],
  "🚨": () => [shape("M3 12a5 5 0 0 1 10 0z", RED), shape("M2 12h12v3H2z", GREY), stroke("M8 1.2v2.2M2.8 3.4l1.5 1.5M13.2 3.4l-1.5 1.5", ORANGE, 1.4)],
  "⚡": () => [shape("M9.4.6 2.8 9h4L6 15.4 13 6.4H8.6z", AMBER)],
  "⏩": () => [...square(BLUE), shape("M3.4 4.4 8 8l-4.6 3.6zM8 4.4 12.6 8 8 11.6z", "#fff")],
  "⏹": () => [...square(GREY), shape("M5 5h6v6H5z", "#fff")],
  "▶": () => [...square(BLUE), shape("M6 4.4 11.6 8 6 11.6z", "#fff")],
  "⏸": () => [...square(AMBER), stroke("M6.2 5v6M9.8 5v6", "#fff")],
  "🐝": () => [shape("M8 1 14 4.5v7L8 15l-6-3.5v-7z", AMBER), stroke("M4 6h8M3.8 8.3h8.4M4 10.6h8", "#2a2118", 1.3)],
};
const SIGNS = new RegExp(`(${Object.keys(DRAWN).join("|")})\uFE0F?`, "gu");

/** Text with its signs drawn: a list of texts and nodes. */
export function withSigns(text) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(SIGNS)) {
    nodes.push(text.slice(at, found.index), sign(found[1]));
    at = found.index + found[0].length;
  }
  nodes.push(text.slice(at));
  return nodes.filter((node) => node !== "");
}

function sign(character) {
  return h("span", { class: "sign", role: "img", "aria-label": character }, s("svg", { viewBox: "0 0 16 16" }, DRAWN[character]()));
}
