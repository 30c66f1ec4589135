// Bodies: JSON that folds, text, images.

const IMAGE = /^image\/(png|jpeg|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon)$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const LONG = 20000;
const SHORT = 64;
const MANY = 200;
const OPEN = 3;

function bodyOf(body, facts) {
  const type = facts["media-type"] ?? "";
  const note = [type, "size" in facts && bytes(facts.size)].filter(Boolean).join(", ");
  if (isBinary(body)) {
    const image = IMAGE.test(type) && BASE64.test(body.base64);
    const shown = image && h("img", { src: `data:${type};base64,${body.base64}`, alt: `The body: ${note}` });
    return fold("Body", note, true, shown || h("p", null, spell(body)));
  }
  const read = typeof body === "string" ? treeOf(body) : tree(body);
  const text = typeof body === "string" ? plain(body) : null;
  if (!read || !text) return fold("Body", note, true, read, text);
  text.hidden = true;
  const button = h("button.raw", { type: "button", "aria-pressed": "false" }, "As it came");
  button.addEventListener("click", () => {
    [read.hidden, text.hidden] = [text.hidden, read.hidden];
    button.setAttribute("aria-pressed", read.hidden);
  });
  return fold("Body", note, true, button, read, text);
}

function plain(text) {
  const shown = h("pre", null, text.slice(0, LONG));
  if (text.length <= LONG) return shown;
  const button = h("button", { type: "button" }, `Show all ${text.length} characters`);
  button.addEventListener("click", () => { shown.textContent = visible(text); button.remove(); });
  return h("div", null, shown, button);
}

function treeOf(text) {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return tree(parse(text));
  } catch {
    return null; // no JSON after all, or nested too deeply
  }
}

function tree(value, open = true) {
  const node = h("div.tree", null, branch(value, null, "", 0));
  if (!open) node.querySelector("details")?.removeAttribute("open");
  return node;
}

// A value with its key; what has no room on a line folds, and is made when it is first unfolded.
function branch(value, key, comma, depth) {
  const label = key !== null && [h("span.key", null, JSON.stringify(key)), ": "];
  const list = Array.isArray(value);
  const entries = !isTree(value) ? [] : list ? value.map((one) => [null, one]) : Object.entries(value);
  const short = entries.length <= 12 && spell(value);
  if (!entries.length || (short && short.length <= SHORT && depth > 0)) {
    const kind = value === null ? "null" : value instanceof Number ? "number" : typeof value;
    return h("div", null, label, h(`span.${kind}`, null, short), comma);
  }
  const [before, after] = list ? "[]" : "{}";
  const count = plural(entries.length, list ? "item" : "key");
  const inside = h(list && !value.some(isTree) ? "div.inside.flow" : "div.inside");
  const show = (from) => {
    const until = from + MANY;
    inside.append(...entries.slice(from, until).map(([name, one], index) =>
      branch(one, name, from + index + 1 < entries.length ? "," : "", depth + 1)));
    if (until >= entries.length) return;
    const more = h("button", { type: "button" }, `Show more of ${entries.length}`);
    more.addEventListener("click", () => { more.remove(); show(until); });
    inside.append(more);
  };
  const node = h("details", null,
    h("summary", null, label, before, h("span.closed", null, ` … ${count} ${after}${comma}`)),
    inside, h("div", null, after, comma));
  if (depth < OPEN) show(0);
  else node.addEventListener("toggle", () => show(0), { once: true });
  node.open = depth < OPEN;
  return node;
}
