// Small conveniences for every page. Everything works without them.
"use strict";
(() => {
  document.documentElement.classList.add("js");

  const focusable = document.querySelector("[data-focus]");
  if (focusable) focusable.focus();

  // A link that leads to a folded part unfolds it.
  const unfold = () => {
    const part = document.getElementById(location.hash.slice(1));
    if (part instanceof HTMLDetailsElement) part.open = true;
  };
  window.addEventListener("hashchange", unfold);
  unfold();

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = button.dataset.copied;
    });
  }

  // A form is sent once: a second tap while the first is under way does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const wrong = form.querySelector("input[type=file][data-max-bytes][aria-invalid=true]");
    if (wrong) { event.preventDefault(); wrong.focus(); return; }
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    for (const button of form.querySelectorAll("button[data-sending]")) {
      button.setAttribute("aria-disabled", "true");
      button.textContent = button.dataset.sending;
    }
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // Photos that are too large are named before anything is sent, so that no words are lost.
  for (const input of document.querySelectorAll("input[type=file][data-max-bytes]")) {
    const warning = document.getElementById(input.dataset.warning);
    input.addEventListener("change", () => {
      const files = [...input.files];
      const large = files.some((file) => file.size > Number(input.dataset.maxBytes));
      const many = input.dataset.maxFiles && files.length > Number(input.dataset.maxFiles);
      if (large || many) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      warning.hidden = !(large || many);
    });
  }

  // Selects marked so send their form at once.
  for (const select of document.querySelectorAll("select[data-submit]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
})();
