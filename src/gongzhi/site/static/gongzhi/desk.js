// Keyboard for coordinators: j k o Enter on lists, 1 2 3 for the buttons of a row, a c m r on a case, / and ?.
// Nothing here is needed: every key presses or reaches something that is on the page.
"use strict";
(() => {
  const OFF = "gz-keys-off";
  const help = document.getElementById("keys");
  const rows = [...document.querySelectorAll("[data-row]")];

  const stored = () => { try { return localStorage.getItem(OFF); } catch { return null; } };
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  const current = () => rows.findIndex((row) => row.contains(document.activeElement));

  function go(step) {
    const at = current();
    const next = rows[at < 0 ? (step > 0 ? 0 : -1) : at + step];
    if (!next) return;
    next.querySelector("[data-open]").focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function press(number) {
    const row = rows[current()];
    const button = row && row.querySelectorAll("[data-quick]")[number - 1];
    if (button) button.click();
  }

  function search() {
    const field = document.querySelector("[data-search]");
    const page = document.querySelector("[data-search-page]");
    if (field) { field.focus(); field.select(); }
    else if (page) page.click();
  }

  function jump(key) {
    const form = document.querySelector(`[data-key="${key}"]`);
    if (!form) return false;
    const box = form.closest("details");
    if (box) box.open = true;
    form.scrollIntoView({ block: "center" });
    form.querySelector("input:not([type=hidden]), select, textarea").focus({ preventScroll: true });
    return true;
  }

  const actions = {
    j: () => go(1), k: () => go(-1), "/": search, "?": () => help && help.showModal(),
    o: () => { const row = rows[current()]; if (row) row.querySelector("[data-open]").click(); },
    1: () => press(1), 2: () => press(2), 3: () => press(3),
    a: () => jump("a"), c: () => jump("c"), m: () => jump("m"), r: () => jump("r"),
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) || (help && help.open) || (stored() && event.key !== "?")) return;
    const action = Object.hasOwn(actions, event.key) && actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  for (const button of document.querySelectorAll("[data-keys-open]")) {
    button.hidden = false;
    button.addEventListener("click", () => help.showModal());
  }
  const on = document.querySelector("[data-keys-on]");
  if (on) {
    on.checked = !stored();
    on.addEventListener("change", () => {
      try { if (on.checked) localStorage.removeItem(OFF); else localStorage.setItem(OFF, "1"); } catch { /* not kept */ }
    });
  }

  // A link to a form opens the disclosure that holds it.
  function reveal() {
    const found = location.hash && document.getElementById(location.hash.slice(1));
    const box = found && found.closest("details");
    if (box) { box.open = true; found.scrollIntoView(); }
  }
  window.addEventListener("hashchange", reveal);
  reveal();
})();
