// A step: its line in the waterfall, and what is known of it.

const SHOWN = new Set([
  "method", "request.url", "url", "request.header", "status", "reason", "http-version", "header",
  "headers", "body", "text", "media-type", "redirects",
]);

// `outer` is the step around, where that step failed by this one alone.
function stepItem(step, id, number, whole, outer) {
  const detail = h("div.detail", { id: `${id}-detail`, hidden: "" });
  const tries = step.attempts?.length ?? 0;
  const button = h("button.step", { type: "button", "aria-expanded": "false", "aria-controls": detail.id },
    h("span.mark", { "aria-hidden": "true" }, MARKS[step.outcome]), h("span.unseen", null, `${step.outcome}: `),
    h("span.label", null, h("span.number", null, number), " ", h("span.name", null, step.name), " ",
      !step.name.startsWith(step.verb) && h("span.verb", null, step.verb),
      tries > 1 && h("span.tries", null, plural(tries, "attempt"))),
    lane(step, whole), h("span.took", null, step.outcome === "skipped" ? "" : time(step.duration)));
  const item = h(`li.${step.outcome}`, { id }, button, detail);
  const within = !step.failures && (step.steps ?? []).some(bad);
  disclose(button, detail, () => [
    step.steps && h("ol.steps", { role: "list", "aria-label": `Inside ${step.name}` }, step.steps.map((one, index) =>
      stepItem(one, `${id}.${index + 1}`, `${number}.${index + 1}`, whole, within ? step : null))),
    ...sections(outer && bad(step) ? inherit(step, outer) : step, within),
  ]);
  if (bad(step)) toggle(button, true);
  return item;
}

// The inner step says what went wrong; source, hint and command may stand on the outer one.
function inherit(step, outer) {
  return { ...outer, ...step, facts: { ...outer.facts, ...step.facts }, failures: step.failures };
}

function sections(step, within) {
  const told = bad(step) && !within;
  const facts = step.facts ?? {};
  const rest = Object.fromEntries(Object.entries(facts).filter(([name]) => !SHOWN.has(name)));
  const known = Object.keys(rest).length;
  return [
    ...(told ? [verdict(step), source(step), checks(step)] : []),
    attempts(step), phases(step),
    step.captured && section("Captured", pairs(step.captured)),
    ...(within ? [] : [request(facts), response(facts, told)]),
    told && step.curl && command(step.curl),
    // A step that failed by one inside is told of there, with its own facts and place.
    !within && known > 0 && fold("Facts", `${known}`, known < 4, pairs(rest)),
    !within && !(told && step.snippet) && h("p.at", null, step.at),
  ];
}

const section = (title, ...children) => h("section.section", null, h("h3", null, title), ...children);

function verdict(step) {
  const causes = (step.causes ?? []).filter((one) => !step.message?.includes(one));
  return h("div.verdict", null,
    h("p.message", null, step.message ?? "", step.also ?? "", " ", h("code.kind", null, step.kind)),
    causes.map((one) => h("p", null, h("b", null, "cause "), one)),
    step.hint && h("p", null, h("b", null, "hint "), step.hint));
}

// The lines of the step, with carets under each value that did not hold.
function source(step) {
  if (!step.snippet) return null;
  const { first, lines } = step.snippet;
  const marks = step.marks ?? [];
  const gutter = String(first + lines.length - 1).length;
  const rows = lines.flatMap((line, index) => [
    h("span.code", null, h("span.number", null, String(first + index).padStart(gutter), " "), line),
    ...marks.filter((mark) => mark.line === first + index).map(({ column, width, text }) =>
      h("span.code.caret", null, " ".repeat(gutter + column), "^".repeat(width), " ", text)),
  ]);
  return h("figure", null, h("figcaption", null, step.place),
    h("pre.source", { tabindex: "0", role: "group", "aria-label": "Source" }, rows));
}

function checks(step) {
  if (!step.failures) return null;
  const shown = ({ query, paths }, value) => {
    if (query.startsWith("time.") && !query.includes("|") && !isTree(value) && value >= 0) return time(value);
    return isTree(value) && spell(value).length > SHORT ? tree(value, !paths.length) : spell(value);
  };
  return h("table.checks", null,
    h("thead", null, h("tr", null, ["Check", "Expected", "Found"].map((word) => h("th", { scope: "col" }, word)))),
    h("tbody", null, step.failures.map((one) => [
      h("tr", null,
        h("th", { scope: "row" }, one.query, one.matcher !== "equals" && h("span.matcher", null, ` ${one.matcher}`)),
        h("td", null, shown(one, one.expected)),
        h("td.found", null, one.found === undefined ? h("i", null, "nothing") : shown(one, one.found))),
      one.paths.length > 0 && h("tr", null,
        h("td.paths", { colspan: "3" }, one.paths.map((path) => h("div", null, path)))),
    ])));
}

function attempts(step) {
  return step.attempts && section("Attempts", h("ol.attempts", null, step.attempts.map((one) =>
    h(`li.${one.outcome}`, null, h("b", null, one.kind ?? one.outcome), ` ${one.message ?? ""} `,
      h("span.when", null, `at ${time(one.started)}, took ${time(one.duration)}`)))));
}

function phases(step) {
  const known = PHASES.filter((name) => step.times && name in step.times);
  return known.length > 0 && h("p.phases", null, known.map((name) =>
    hued(h("span", null, `${name} `, h("b", null, time(step.times[name]))), name)));
}

function headers(values, open) {
  return values && fold("Headers", `${Object.keys(values).length}`, open, pairs(values));
}

function request(facts) {
  const url = facts["request.url"] ?? facts.url;
  return url !== undefined && section("Request",
    h("p.wire", null, h("b", null, facts.method), " ", url), headers(facts["request.header"], false));
}

function response(facts, told) {
  const body = facts.text ?? facts.body;
  const shown = body !== undefined && bodyOf(body, facts);
  if (!("status" in facts)) return shown;
  return section("Response",
    (facts.redirects ?? []).map((hop) =>
      h("p.wire", null, h("b", null, hop.status), ` ${hop.url} → ${hop.location}`)),
    h("p.wire", null, facts["http-version"], " ", h("b", null, facts.status, " ", facts.reason)),
    headers(facts.header, told), shown);
}

function command(curl) {
  const shown = h("pre.curl", null, curl);
  shown.dataset.text = curl;
  return section(["Repeat it ", copyButton("as curl", shown)], shown);
}
