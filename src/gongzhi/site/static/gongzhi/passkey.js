// Passkeys. A form marked data-passkey asks the server for a challenge, lets the device answer it, and sends itself
// with the answer. Where the browser or the address cannot do that, what is marked stays out of sight.
"use strict";
(() => {
  const named = !/^[\d.]+$/.test(location.hostname) && !location.hostname.includes(":");
  const able = window.isSecureContext && "PublicKeyCredential" in window && named;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const reveal = (area) => { area.hidden = false; };
  const withLock = () => PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
  for (const area of document.querySelectorAll("[data-passkey-area]")) {
    if (!able) continue;
    if (area.dataset.passkeyArea === "lock") withLock().then((has) => has && reveal(area), () => {});
    else reveal(area);
  }
  if (able) for (const note of document.querySelectorAll("[data-passkey-missing]")) note.hidden = true;

  function options(sent) {
    const wanted = sent.publicKey;
    wanted.challenge = bytes(wanted.challenge);
    if (wanted.user) wanted.user.id = bytes(wanted.user.id);
    for (const list of [wanted.excludeCredentials, wanted.allowCredentials]) {
      for (const known of list || []) known.id = bytes(known.id);
    }
    return wanted;
  }

  function answer(made) {
    const parts = made.response;
    const response = { clientDataJSON: text(parts.clientDataJSON) };
    if (parts.attestationObject) response.attestationObject = text(parts.attestationObject);
    else {
      response.authenticatorData = text(parts.authenticatorData);
      response.signature = text(parts.signature);
      if (parts.userHandle && parts.userHandle.byteLength) response.userHandle = text(parts.userHandle);
    }
    return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });
  }

  async function ask(form) {
    const sent = await fetch(form.dataset.ask, {
      method: "POST",
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" },
    });
    const said = await sent.json();
    if (said.again) { location.assign(form.dataset.again); return null; }
    if (!sent.ok) throw new Error(said.error);
    const publicKey = options(said);
    const kind = form.dataset.passkey === "create" ? "create" : "get";
    return navigator.credentials[kind]({ publicKey });
  }

  function tell(form, words) {
    const place = form.querySelector("[data-passkey-status]");
    place.textContent = words;
    place.hidden = !words;
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    let busy = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (busy) return;
      busy = true;
      tell(form, form.dataset.asking);
      try {
        const made = await ask(form);
        if (!made) return;
        form.elements.answer.value = answer(made);
        form.submit();
      } catch (error) {
        const known = error.name === "InvalidStateError" && form.dataset.known;
        tell(form, known || (error.constructor === Error && error.message) || form.dataset.failed);
      } finally {
        busy = false;
      }
    });
  }
})();
