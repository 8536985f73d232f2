"use strict";
// The page can be read without this: it only narrows what is shown.
const tools = document.getElementById("tools");
const words = document.getElementById("words");
const blamed = document.getElementById("blamed");
const shown = document.getElementById("shown");
const checks = [...document.querySelectorAll("[data-check]")];

function narrow() {
  const wanted = words.value.trim().toLowerCase();
  const rows = new Set();
  for (const each of checks) {
    const fits = each.dataset.check.toLowerCase().includes(wanted);
    each.hidden = !fits || (blamed.checked && each.dataset.passed === "yes");
    if (!each.hidden && each.matches("tr")) rows.add(each);
  }
  const all = checks.filter((each) => each.matches("tr")).length;
  shown.textContent = `${rows.size} of ${all} checks shown`;
}

// A link into what is hidden shows everything again.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.closest("[hidden]")) {
    words.value = "";
    blamed.checked = false;
    narrow();
  }
  if (target.matches("details")) target.open = true;
  target.scrollIntoView();
}

tools.hidden = false;
words.addEventListener("input", narrow);
blamed.addEventListener("change", narrow);
addEventListener("hashchange", reveal);
narrow();
reveal();
