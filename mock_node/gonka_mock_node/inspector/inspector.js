// The inspector of a mock node: what it was asked, how it judged, and the switches of the network it belongs to.
// Everything that came over the wire enters the page as text.
(() => {
  "use strict";

  const MOST_ROWS = 500;
  const MOST_ACCOUNTS = 100;
  const ICONS = { accepted: "✓", refused: "✗", fault: "⚡" };
  const TONES = { accepted: "good", refused: "bad", fault: "odd" };
  const MATCH = [
    { name: "node", type: "integer", default: "", summary: "only the node of this number" },
    { name: "times", type: "integer", default: "", summary: "ends after so many strikes" },
  ];

  const page = {
    verdicts: new Map(),
    waiting: [],
    selected: null,
    paused: false,
    state: null,
    stateAt: 0,
    catalogue: new Map(),
    shown: new Map(),
    faultsDue: 0,
  };

  const byId = (id) => document.getElementById(id);

  // Building elements

  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name.includes("-") || name === "role") element.setAttribute(name, value);
      else element[name] = value;
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  function button(text, label, act, className = "small") {
    const made = make("button", { type: "button", className, "aria-label": label }, text);
    made.addEventListener("click", () => act(made));
    return made;
  }

  function section(title, ...children) {
    return make("section", {}, make("h3", {}, title), ...children);
  }

  // Show these rows in a list unless it shows them already; the focus stays where it was.
  function refill(id, data, rows) {
    const list = byId(id);
    const key = JSON.stringify(data);
    if (page.shown.get(id) === key) return;
    page.shown.set(id, key);
    const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
    list.replaceChildren(...rows);
    if (focused) list.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
  }

  const quiet = (text) => make("li", { className: "quiet" }, text);
  const short = (address) => (address.length > 24 ? `${address.slice(0, 12)}…${address.slice(-6)}` : address);

  // Talking to the node

  async function ask(path, method = "GET", payload = undefined) {
    const options = { method, cache: "no-store" };
    if (payload !== undefined) {
      options.headers = { "Content-Type": "application/json" };
      options.body = JSON.stringify(payload);
    }
    const response = await fetch(path, options);
    const value = await response.json();
    if (!response.ok) throw new Error(value.error);
    return value;
  }

  function complain(error) {
    byId("problem").textContent = error.message;
    byId("problem").hidden = false;
  }

  // Do something at the node; what goes wrong is told on the page.
  async function attempt(work) {
    try {
      byId("problem").hidden = true;
      await work();
    } catch (error) {
      complain(error);
    }
  }

  const refresh = (work) => work().catch(complain);
  const post = (path, payload) => attempt(() => ask(path, "POST", payload));

  function connect() {
    clearRequests();
    const source = new EventSource("events?since=0");
    source.addEventListener("open", () => showConnection("● live", "good"));
    source.addEventListener("error", () => {
      source.close();
      showConnection("○ not connected; trying again", "bad");
      setTimeout(connect, 1000);
    });
    source.addEventListener("verdict", (event) => arrived(JSON.parse(event.data)));
    source.addEventListener("state", (event) => showState(JSON.parse(event.data)));
    source.addEventListener("dropped", (event) => {
      complain(new Error(`${JSON.parse(event.data).count} requests came too fast to be shown here`));
    });
  }

  function showConnection(text, tone) {
    byId("connection").textContent = text;
    byId("connection").className = tone;
  }

  // The list of requests

  function arrived(verdict) {
    countTotal(verdict);
    if (verdict.faults.length) countStrikes();
    if (page.paused) {
      page.waiting = [...page.waiting.slice(1 - MOST_ROWS), verdict];
      byId("pause").textContent = `Resume (${page.waiting.length})`;
      return;
    }
    addRow(verdict);
  }

  function addRow(verdict) {
    page.verdicts.set(verdict.number, verdict);
    const row = rowOf(verdict);
    row.hidden = !passes(verdict);
    byId("requests").prepend(row);
    announce(verdict);
    while (page.verdicts.size > MOST_ROWS) dropRow(page.verdicts.keys().next().value);
    showEmpty();
  }

  function rowOf(verdict) {
    const tone = TONES[verdict.verdict];
    const row = make(
      "li",
      { role: "option", id: `request-${verdict.number}`, className: "new", "aria-selected": "false" },
      make("span", { className: tone }, `${ICONS[verdict.verdict]} ${verdict.verdict}`),
      make("span", { className: "status" }, String(verdict.status)),
      make("span", { className: "what", title: visible(gist(verdict)) }, visible(gist(verdict))),
      make("span", { className: "number quiet" }, `#${verdict.number}`),
    );
    row.addEventListener("click", () => select(verdict.number));
    row.addEventListener("animationend", () => row.classList.remove("new"));
    return row;
  }

  function gist(verdict) {
    const mistakes = verdict.diagnosis ? verdict.diagnosis.mistakes.filter((name) => name !== "unknown") : [];
    const reason = verdict.rule ? [verdict.rule, ...mistakes] : verdict.faults;
    return [reason.join(" · "), verdict.model, verdict.stream ? "stream" : ""].filter(Boolean).join(" — ");
  }

  function announce(verdict) {
    if (verdict.verdict !== "refused") return;
    byId("announcer").textContent = `Request ${verdict.number} refused with ${verdict.status} by ${verdict.rule}`;
  }

  function dropRow(number) {
    page.verdicts.delete(number);
    byId(`request-${number}`)?.remove();
    if (page.selected === number) unselect();
  }

  function clearRequests(upTo = Infinity) {
    page.waiting = page.waiting.filter((verdict) => verdict.number > upTo);
    for (const number of [...page.verdicts.keys()]) if (number <= upTo) dropRow(number);
    showEmpty();
  }

  const rows = () => [...byId("requests").children].filter((row) => !row.hidden);

  function showEmpty() {
    byId("empty").hidden = page.verdicts.size > 0;
    byId("unfit").hidden = page.verdicts.size === 0 || rows().length > 0;
  }

  function passes(verdict) {
    const kind = byId("verdict").value;
    const words = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    const text = [`#${verdict.number}`, verdict.status, gist(verdict), verdict.route, verdict.requester, verdict.error].join(" ").toLowerCase();
    return (!kind || verdict.verdict === kind) && words.every((word) => text.includes(word));
  }

  function filterRows() {
    for (const verdict of page.verdicts.values()) byId(`request-${verdict.number}`).hidden = !passes(verdict);
    showEmpty();
  }

  function togglePause() {
    page.paused = !page.paused;
    byId("pause").setAttribute("aria-pressed", String(page.paused));
    byId("pause").textContent = page.paused ? "Resume" : "Pause";
    if (!page.paused) page.waiting.splice(0).forEach(addRow);
  }

  function moveSelection(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
    const shown = rows();
    if (!(event.key in steps) || !shown.length) return;
    event.preventDefault();
    const at = shown.findIndex((row) => row.id === `request-${page.selected}`);
    const wanted = at < 0 ? 0 : at + steps[event.key];
    const row = shown[Math.min(Math.max(wanted, 0), shown.length - 1)];
    select(Number(row.id.replace("request-", "")));
    row.scrollIntoView({ block: "nearest" });
  }

  function select(number) {
    byId(`request-${page.selected}`)?.setAttribute("aria-selected", "false");
    page.selected = number;
    byId(`request-${number}`).setAttribute("aria-selected", "true");
    byId("requests").setAttribute("aria-activedescendant", `request-${number}`);
    attempt(() => loadDetail(number));
  }

  function unselect() {
    page.selected = null;
    byId("requests").removeAttribute("aria-activedescendant");
    byId("detail").replaceChildren(make("p", { className: "quiet" }, "Select a request to see how it was judged."));
  }

  // One request

  async function loadDetail(number) {
    const detail = await ask(`requests/${number}`);
    if (page.selected === number) byId("detail").replaceChildren(...sections(detail));
  }

  function sections(detail) {
    return [
      title(detail),
      facts(detail),
      detail.diagnosis && diagnosis(detail.diagnosis),
      checks(detail),
      detail.diff && difference(detail.diff),
      section("Values on the way", make("ul", { className: "values" }, ...detail.values.map(valueRow))),
      content("Message that the node expects to be signed", detail.expected, "message"),
      content("Body", detail.body, "body"),
    ].filter(Boolean);
  }

  function title(detail) {
    const verdict = make("span", { className: TONES[detail.verdict] }, `${ICONS[detail.verdict]} ${detail.verdict} with ${detail.status}`);
    return make("div", { className: "title" }, make("h2", {}, `Request ${detail.number}`), verdict);
  }

  function facts(detail) {
    const told = {
      Route: detail.route,
      Requester: detail.requester || "(no X-Requester-Address)",
      Model: detail.model || "(none)",
      Node: detail.node,
      Faults: detail.faults.join(", "),
      "Fields of the payload": (detail.fields.payload || []).join(", "),
    };
    const pairs = Object.entries(told).filter(([, value]) => value);
    return make("dl", {}, ...pairs.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, visible(value))]));
  }

  function diagnosis(found) {
    return make(
      "section",
      { className: "diagnosis" },
      make("h3", {}, found.certain ? "What the client did (certain)" : "What the client may have done (best guess)"),
      make("p", {}, found.explanation),
      make("p", {}, make("strong", {}, "Next step: "), found.next_step),
      make("p", {}, ...found.mistakes.map((name) => make("code", { className: "tag" }, name))),
    );
  }

  function checks(detail) {
    const list = make("ol", { className: "checks" });
    for (const name of detail.checks) list.append(make("li", {}, make("span", { className: "good" }, "✓ passed "), name));
    if (detail.rule) list.append(make("li", { className: "bad" }, `✗ failed ${detail.rule}: `, make("code", {}, visible(detail.error))));
    for (const name of detail.pending) list.append(make("li", { className: "pending" }, `· not reached ${name}`));
    return list.children.length ? section("Checks, in the node's order", list) : null;
  }

  function difference(hunks) {
    const legend = make(
      "p",
      { className: "legend quiet" },
      make("del", {}, "struck through"),
      " only in what the client signed, ",
      make("ins", {}, "underlined"),
      " only in what the node expects",
    );
    return section("Signed and expected message", legend, make("pre", { className: "diff" }, ...hunks.map(hunk)));
  }

  function hunk({ kind, text, offset }) {
    if (kind === "gap") return make("span", { className: "gap" }, `… ${text} …`);
    const tag = { expected: "ins", signed: "del", same: "span" }[kind];
    return make(tag, { title: `${kind}, from byte ${offset}` }, visible(text, kind !== "same"));
  }

  // Control characters, and what shows nothing or turns text around, as something to be seen.
  function visible(text, spaces = false) {
    const pictured = (found) => {
      const code = found.codePointAt(0);
      if (code === 10) return "␊\n";
      if (code < 33) return String.fromCodePoint(0x2400 + code);
      return code === 127 ? "␡" : `\\u{${code.toString(16)}}`;
    };
    const shown = text.replace(/[\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, pictured);
    return spaces ? shown.replaceAll(" ", "␣") : shown;
  }

  function valueRow({ name, value }) {
    const text = make("code", {}, visible(value));
    const copy = button("Copy", `Copy ${name}`, async (pressed) => {
      pressed.textContent = (await copied(value)) ? "Copied" : "Select it by hand";
    });
    return make("li", {}, make("span", { className: "quiet" }, name), text, copy);
  }

  async function copied(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false;
    }
  }

  function content(name, shown, prefix) {
    if (!shown) return null;
    const text = shown[`${prefix}_utf8`];
    const note = `${shown.bytes} bytes${shown.truncated ? ", of which the first are shown" : ""}${text === undefined ? ", in base64" : ""}`;
    const told = text === undefined ? shown[`${prefix}_base64`] : visible(text);
    return make("details", { open: prefix === "body" }, make("summary", {}, make("h3", {}, `${name} (${note})`)), make("pre", {}, told));
  }

  // The network

  function showState(state) {
    page.state = state;
    page.stateAt = performance.now();
    clearRequests(state.cleared_up_to === null ? Infinity : state.cleared_up_to);
    byId("about").textContent = `${state.profile} · epoch ${state.epoch} · version ${state.version}`;
    byId("accounts-mode").textContent = state.accounts_mode === "open" ? "Open: whoever proves its key is enrolled." : "Listed: only these are known.";
    refill("nodes", state.nodes, state.nodes.map(nodeRow));
    showTotals();
    showClock();
    refresh(loadFaults);
    refresh(loadAccounts);
  }

  function countTotal(verdict) {
    if (!page.state) return;
    page.state.totals[verdict.verdict] += 1;
    showTotals();
  }

  function showTotals() {
    const told = Object.entries(page.state.totals).map(([name, count]) => make("span", { className: TONES[name] }, `${ICONS[name]} ${count} ${name}`));
    byId("totals").replaceChildren(...told);
  }

  function nodeRow(node) {
    const status = node.listening ? make("span", { className: "good" }, "● listening") : make("span", { className: "bad" }, "○ refuses connections");
    const off = node.switched_off.length ? make("div", { className: "odd" }, `switched off: ${node.switched_off.join(", ")}`) : null;
    const copy = button("Copy", `Copy the provider address of node ${node.number}`, async (pressed) => {
      pressed.textContent = (await copied(node.provider_address)) ? "Copied" : node.provider_address;
    });
    const address = make("code", { title: node.provider_address }, short(node.provider_address));
    return make("li", {}, make("div", { className: "row" }, `Node ${node.number}`, status), make("code", {}, node.url), make("div", { className: "row" }, address, copy), off);
  }

  function showClock() {
    if (!page.state) return;
    const { time, height, stopped, lag_s: lag, interval_s: interval } = page.state.clock;
    const passed = stopped ? 0 : performance.now() - page.stateAt;
    const now = time ? new Date(Date.parse(time) + passed).toISOString().replace("T", " ").slice(0, 19) : "far from now";
    const block = height + Math.floor(passed / 1000 / interval);
    byId("clock").textContent = `${now} UTC · block ${block} · ${stopped ? "frozen" : "running"}${lag ? ` · lags ${lag} s` : ""}`;
    byId("freeze").disabled = stopped;
    byId("thaw").disabled = !stopped && !lag && !page.state.clock.offset_s;
  }

  // Requests may come fast: ask once for all that came meanwhile.
  function countStrikes() {
    clearTimeout(page.faultsDue);
    page.faultsDue = setTimeout(() => refresh(loadFaults), 150);
  }

  async function loadFaults() {
    const { faults } = await ask("faults");
    refill("faults", faults, faults.length ? faults.map(faultRow) : [quiet("None is active.")]);
  }

  function faultRow(fault) {
    const { id, name, strikes, ...rest } = fault;
    const told = Object.entries(rest).map(([key, value]) => `${key} ${JSON.stringify(value)}`).join(", ");
    const remove = button("Remove", `Remove the fault ${id}`, () => {
      byId("fault-name").focus();
      attempt(() => ask(`faults/${encodeURIComponent(id)}`, "DELETE"));
    });
    const head = make("div", { className: "row" }, make("span", {}, make("strong", {}, name), ` struck ${strikes}×`), remove);
    return make("li", {}, head, make("div", { className: "quiet" }, told));
  }

  async function loadCatalogue() {
    const { faults } = await ask("faults/catalogue");
    page.catalogue = new Map(faults.map((effect) => [effect.name, effect]));
    const names = [...page.catalogue.keys()].sort();
    byId("fault-name").replaceChildren(...names.map((name) => make("option", { value: name }, name)));
    showFaultForm();
  }

  function showFaultForm() {
    const effect = page.catalogue.get(byId("fault-name").value);
    byId("fault-summary").textContent = effect.summary.replaceAll("`", "");
    byId("fault-fields").replaceChildren(...[...effect.parameters, ...MATCH].map(field));
  }

  function field(parameter) {
    const input = inputFor(parameter);
    input.name = parameter.name;
    input.dataset.type = parameter.type;
    const told = `${parameter.name}: ${parameter.summary.replaceAll("`", "")}`;
    return parameter.type === "flag" ? make("label", {}, input, told) : make("label", {}, told, input);
  }

  function inputFor({ type, choices = [], default: usual, minimum, maximum }) {
    if (choices.length) return make("select", {}, ...choices.map((name) => make("option", { selected: name === usual }, name)));
    if (type === "flag") return make("input", { type: "checkbox", checked: usual });
    if (type === "text") return make("input", { type: "text", value: usual });
    return make("input", { type: "number", value: usual, min: minimum ?? "", max: maximum ?? "", step: type === "integer" ? 1 : "any" });
  }

  function valueOf(input) {
    if (input.dataset.type === "flag") return input.checked;
    return ["integer", "number"].includes(input.dataset.type) ? Number(input.value) : input.value;
  }

  function addFault(event) {
    event.preventDefault();
    const given = [...byId("fault-fields").querySelectorAll("input, select")];
    const said = given.filter((input) => input.type !== "number" || input.value !== "");
    const fields = Object.fromEntries(said.map((input) => [input.name, valueOf(input)]));
    post("faults", { name: byId("fault-name").value, ...fields });
  }

  async function loadAccounts() {
    const { accounts } = await ask("accounts");
    const edited = [...byId("accounts").querySelectorAll("input")].some((input) => input.value !== input.defaultValue);
    if (edited) return;
    const more = accounts.length > MOST_ACCOUNTS ? [quiet(`… and ${accounts.length - MOST_ACCOUNTS} more`)] : [];
    const shown = accounts.slice(0, MOST_ACCOUNTS).map(accountRow);
    refill("accounts", accounts, [...(shown.length ? shown : [quiet("None yet.")]), ...more]);
  }

  function accountRow({ address, balance, public_key: key }) {
    const input = make("input", { type: "number", min: 0, step: 1, defaultValue: balance, required: true, "aria-label": `Balance of ${address} in ngonka` });
    const form = make("form", { className: "bar" }, make("label", { className: "grow" }, "Balance (ngonka)", input), make("button", { type: "submit", "aria-label": `Save the balance of ${address}` }, "Save"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      attempt(async () => {
        await ask(`accounts/${encodeURIComponent(address)}`, "PATCH", { balance: Number(input.value) });
        input.defaultValue = input.value;
      });
    });
    return make("li", {}, make("code", { title: address }, short(address)), key ? null : make("span", { className: "odd" }, " no public key published"), form);
  }

  // What people do

  function onSubmit(id, field) {
    byId(id).addEventListener("submit", (event) => {
      event.preventDefault();
      post("clock", { [field]: Number(event.target.elements.seconds.value) });
    });
  }

  function start() {
    byId("requests").addEventListener("keydown", moveSelection);
    byId("verdict").addEventListener("change", filterRows);
    byId("filter").addEventListener("input", filterRows);
    byId("pause").addEventListener("click", togglePause);
    byId("reset").addEventListener("click", () => post("reset"));
    byId("freeze").addEventListener("click", () => post("clock", { freeze: true }));
    byId("thaw").addEventListener("click", () => post("clock", { thaw: true }));
    byId("fault-name").addEventListener("change", showFaultForm);
    byId("fault").addEventListener("submit", addFault);
    onSubmit("advance", "advance_s");
    onSubmit("lag", "lag_s");
    setInterval(showClock, 1000);
    attempt(loadCatalogue);
    connect();
  }

  start();
})();
