// Making elements, and showing values as text.

const PHASES = ["dns", "tcp", "proxy", "tls", "send", "wait", "read"];
const MARKS = { passed: "✓", failed: "✗", error: "!", skipped: "–" };
const UNSEEN = /\r(?!\n)|[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const $ = (id) => document.getElementById(id);
const bad = (one) => one.outcome === "failed" || one.outcome === "error";
const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

// Text that can be trusted to the eye: what turns its direction or is not seen is spelled out.
function visible(text) {
  return String(text).replace(UNSEEN, (mark) => `\\u{${mark.codePointAt(0).toString(16)}}`);
}

// The one way in which elements are made: h("p.note", {title: "…"}, "text", child).
// Every child that is no element becomes a text; null and false are passed over.
function h(kind, attributes, ...children) {
  const [tag, ...classes] = kind.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name === "onclick") node.addEventListener("click", value);
    else node.setAttribute(name, visible(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child instanceof Node) node.append(child);
    else if (child !== null && child !== undefined && child !== false) node.append(visible(child));
  }
  return node;
}

const hued = (node, phase) => { node.dataset.phase = phase; return node; };

// A section that folds by itself, open or not.
function fold(title, note, open, ...children) {
  const node = h("details.section", null,
    h("summary", null, title, note && h("span.note", null, note)), ...children);
  node.open = open;
  return node;
}

// A button that shows a panel, filled when it is first shown.
const panels = new WeakMap();

function disclose(button, panel, fill) {
  panels.set(button, [panel, fill]);
  button.addEventListener("click", () => choose(button, panel.hidden));
}

function toggle(button, open) {
  const [panel, fill] = panels.get(button);
  if (open && !panel.firstChild) panel.append(...fill().filter(Boolean));
  panel.hidden = !open;
  button.setAttribute("aria-expanded", open);
}

// As toggle, by the reader's own hand: the address then names what was opened.
function choose(button, open) {
  toggle(button, open);
  if (open) history.replaceState(null, "", `#${button.closest("[id]").id}`);
}

function copyButton(what, node) {
  const button = h("button.copy", { type: "button", "aria-label": `Copy ${what}` }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(node.dataset.text);
      button.textContent = $("said").textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(node);
      button.textContent = $("said").textContent = "Selected, copy by key";
    }
    setTimeout(() => { button.textContent = "Copy"; $("said").textContent = ""; }, 1600);
  });
  return button;
}

function time(seconds) {
  if (seconds < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1) return `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
  if (seconds < 60) return `${Number(seconds).toFixed(2)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

function bytes(count) {
  if (count < 1000) return `${count} B`;
  return count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`;
}

// JSON whose numbers keep their spelling (as objects), so that 20.0 is not shown as 20.
function parse(text) {
  return JSON.parse(text, (key, value, how) =>
    typeof value === "number" && how && how.source !== String(value)
      ? Object.assign(new Number(value), { source: how.source }) : value);
}

const isTree = (value) => value !== null && typeof value === "object" && !(value instanceof Number);
const isBinary = (value) => isTree(value) && typeof value.base64 === "string" && Object.keys(value).length === 1;
const sizeOf = (value) => Math.floor(value.base64.replace(/=+$/, "").length * 3 / 4);

// A value as JSON on one line.
function spell(value) {
  if (value instanceof Number) return value.source;
  if (Array.isArray(value)) return `[${value.map(spell).join(", ")}]`;
  if (!isTree(value)) return JSON.stringify(value);
  if (isBinary(value)) return `(${bytes(sizeOf(value))}, not text)`;
  return `{${Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${spell(one)}`).join(", ")}}`;
}

// Names and values, one a line.
function pairs(values) {
  return h("dl.pairs", null, Object.entries(values).map(([name, value]) =>
    h("div", null, h("dt", null, name), h("dd", null, typeof value === "string" ? value : spell(value)))));
}
