// The list of scenarios, the filter, keys and addresses.

const RANK = { error: 0, failed: 0, passed: 1, skipped: 2 };
const ORDERS = {
  worst: (a, b) => RANK[a.outcome] - RANK[b.outcome] || a.index - b.index,
  run: (a, b) => a.index - b.index,
  slow: (a, b) => b.duration - a.duration,
};

// Each element holds two lines: what the list shows, and the steps, which are read when opened.
const run = [...document.querySelectorAll("script[type='application/jsonl']")].map((node, index) => {
  const text = node.textContent;
  const cut = text.indexOf("\n");
  const one = { tags: [], ...JSON.parse(text.slice(0, cut)), index, id: `s${index + 1}` };
  const words = [one.name, one.file, one.case, one.kind, one.message, one.reason, ...one.tags];
  return { ...one, words: words.join("\n").toLowerCase(), whole: () => parse(text.slice(cut + 1)) };
});
const longest = Math.max(1e-6, ...run.map((one) => one.duration));
const list = $("scenarios");
let outcome = "";

function row(one) {
  const panel = h("div.panel", { id: `${one.id}-panel`, hidden: "" });
  const why = one.outcome === "skipped" ? one.reason : bad(one) && one.message;
  const button = h("button.row", { type: "button", "aria-expanded": "false", "aria-controls": panel.id },
    h("span.mark", { "aria-hidden": "true" }, MARKS[one.outcome]), h("span.unseen", null, `${one.outcome}: `),
    h("span.title", null, h("span.name", null, one.name), " ", one.case && h("span.case", null, one.case), " ",
      one.tags.map((tag) => h("span.tag", null, tag, " "))),
    h("span.file", null, one.file), one.outcome !== "skipped" && profile(one, longest),
    h("span.took", null, one.outcome === "skipped" ? "skipped" : time(one.duration)),
    why && h("span.why", null, why, one.kind && h("code.kind", null, one.kind)));
  disclose(button, panel, () => scenario(one));
  return h(`li.${one.outcome}`, { id: one.id }, h("h2", null, button), panel);
}

function scenario(one) {
  const { steps, teardown } = one.whole();
  const all = [...steps, ...teardown];
  const whole = Math.max(1e-6, one.duration, ...all.map((step) => +step.started + +step.duration));
  const [scale, every] = axis(whole);
  const waterfall = (items, prefix, label) => {
    const node = h("ol.steps", { role: "list", "aria-label": label }, items.map((step, index) =>
      stepItem(step, `${one.id}.${prefix}${index + 1}`, `${index + 1}`, whole, null)));
    node.style.setProperty("--every", every);
    return node;
  };
  const expected = one.outcome === "passed" && one.reason && `Failed as expected: ${one.reason}`;
  const note = expected || (!all.some(bad) && (one.message ?? one.reason ?? (!all.length && "No step ran.")));
  return [
    (one.warnings ?? []).map((text) => h("p.note", null, `Warning: ${text}`)),
    note && h("p.note", null, note), all.length > 0 && scale, waterfall(steps, "", "Steps"),
    teardown.length > 0 && h("h3", null, "Teardown"), teardown.length > 0 && waterfall(teardown, "t", "Teardown"),
  ];
}

function arrange() {
  list.append(...[...run].sort(ORDERS[$("order").value]).map((one) => one.node));
}

function filter() {
  const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const tag = $("tag").value;
  let count = 0;
  for (const one of run) {
    const fits = (!outcome || one.outcome === outcome) && (!tag || one.tags.includes(tag))
      && words.every((word) => one.words.includes(word));
    one.node.hidden = !fits;
    count += fits;
  }
  list.classList.toggle("none", !count);
  const of = plural(run.length, "scenario");
  $("shown").textContent = count === run.length ? of : count ? `${count} of ${of}` : "No scenario fits";
}

// Opens what the address names: a scenario (#s12), or a step of it (#s12.3.1, #s12.t1).
function visit() {
  const parts = /^#s\d+(\.t?\d+)*$/.test(location.hash) ? location.hash.slice(1).split(".") : [];
  let found = null;
  for (const [index] of parts.entries()) {
    const node = $(parts.slice(0, index + 1).join("."));
    if (!node) break;
    node.hidden = false;
    found = node;
    toggle(node.querySelector("button"), true);
  }
  found?.scrollIntoView();
  found?.querySelector("button").focus({ preventScroll: true });
}

function move(by) {
  const stops = [...list.querySelectorAll("button[aria-expanded]")].filter((one) => !one.closest("[hidden]"));
  const at = stops.indexOf(document.activeElement);
  const next = stops[at < 0 && by < 0 ? stops.length - 1 : at + by];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

function press(event) {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  if (ctrlKey || metaKey || altKey) return;
  const step = target.matches("button[aria-expanded]") && target;
  const act = target === $("filter")
    ? { ArrowDown: () => move(1), Escape: () => { target.value = ""; filter(); target.blur(); } }
    : !target.matches("select") && {
      "/": () => $("filter").select(), j: () => move(1), k: () => move(-1),
      ...(step && {
        ArrowDown: () => move(1), ArrowUp: () => move(-1),
        ArrowRight: () => choose(step, true), ArrowLeft: () => choose(step, false),
      }),
    };
  if (!act || !Object.hasOwn(act, key)) return;
  event.preventDefault();
  act[key]();
}

function pick(event) {
  const button = event.target.closest("button");
  if (!button) return;
  outcome = button.dataset.outcome;
  for (const one of this.querySelectorAll("button")) one.setAttribute("aria-pressed", one === button);
  filter();
}

function theme() {
  const darkest = matchMedia("(prefers-color-scheme: dark)");
  const page = document.documentElement.dataset;
  const isDark = () => (page.theme ?? (darkest.matches ? "dark" : "light")) === "dark";
  const name = () => { $("theme").textContent = isDark() ? "Light" : "Dark"; };
  $("theme").addEventListener("click", () => { page.theme = isDark() ? "light" : "dark"; name(); });
  darkest.addEventListener("change", name);
  name();
}

for (const one of run) one.node = row(one);
const tags = [...new Set(run.flatMap((one) => one.tags))].sort();
$("tag").append(...tags.map((tag) => h("option", { value: tag }, tag)));
$("tag").hidden = !tags.length;
for (const name of Object.keys(MARKS)) {
  const part = h(`span.${name}`);
  part.style.flexGrow = run.filter((one) => one.outcome === name).length;
  if (part.style.flexGrow > 0) $("shares").append(part);
}
document.addEventListener("keydown", press);
document.querySelector(".outcomes").addEventListener("click", pick);
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
$("filter").addEventListener("input", filter);
$("tag").addEventListener("change", filter);
$("order").addEventListener("change", arrange);
window.addEventListener("hashchange", visit);
theme();
arrange();
filter();
// Later, as the browser takes the focus away when it has gone to the address itself.
if (location.hash) window.addEventListener("load", visit);
// The one thing that went wrong needs no click.
else if (run.filter(bad).length === 1) toggle(run.find(bad).node.querySelector("button"), true);
