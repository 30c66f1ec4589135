// Times as bars: where each phase of a step lies in its scenario.

function place(node, from, length, whole) {
  node.style.left = `${Math.max(0, 100 * from / whole)}%`;
  node.style.width = `${Math.min(100, 100 * length / whole)}%`;
  return node;
}

// The phases of a step follow each other from its start; of a composite, those of what is inside.
function phasesOf(step) {
  if (step.steps) return step.steps.flatMap(phasesOf);
  let at = +step.started;
  return PHASES.filter((name) => step.times?.[name]).map((name) => {
    const from = at;
    at += +step.times[name];
    return { name, from, length: +step.times[name] };
  });
}

function lane(step, whole) {
  const bar = (kind, from, length, title) => place(h(kind, { title }), from, length, whole);
  return h("span.lane", { "aria-hidden": "true" },
    step.outcome !== "skipped" && bar("span.whole", step.started, step.duration, "all of it"),
    phasesOf(step).map(({ name, from, length }) =>
      hued(bar("span.phase", from, length, `${name} ${time(length)}`), name)),
    (step.attempts ?? []).map((one, index) =>
      bar(`span.try.${one.outcome}`, one.started, one.duration, `attempt ${index + 1}: ${one.kind ?? one.outcome}`)));
}

// The scale above the lanes, and how far apart its marks stand.
function axis(whole) {
  const power = 10 ** Math.floor(Math.log10(whole / 3));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => whole / one <= 5);
  const marks = [];
  for (let at = 0; at < whole * 0.93; at += step) {
    marks.push(place(h("span", null, at ? time(at) : "0"), at, 0, whole));
  }
  return [h("div.axis", { "aria-hidden": "true" }, h("span.lane", null, marks)), `${100 * step / whole}%`];
}

// What a scenario's time went into, as long as its share of the longest scenario's.
function profile(one, longest) {
  const parts = PHASES.filter((name) => one.times?.[name]).map((name) => [name, one.times[name]]);
  const known = parts.reduce((sum, [, length]) => sum + length, 0);
  const whole = Math.max(known, one.duration) || 1;
  let at = 0;
  const stops = [...parts, ["other", whole - known]].map(([name, length]) =>
    `var(--${name}) ${at}% ${at += 100 * length / whole}%`);
  const bar = h("span", { title: parts.map(([name, length]) => `${name} ${time(length)}`).join(", ") });
  bar.style.width = `${100 * one.duration / longest}%`;
  bar.style.backgroundImage = `linear-gradient(to right, ${stops.join(", ")})`;
  return h("span.profile", { "aria-hidden": "true" }, bar);
}
