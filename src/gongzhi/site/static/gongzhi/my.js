// A printed QR code carries the tracking code after the "#", which no server ever sees; here it is posted instead.
"use strict";
(() => {
  const form = document.querySelector("form[data-code-form]");
  const code = decodeURIComponent(window.location.hash.slice(1));
  if (!form || !/^[0-9A-Za-z -]{10,40}$/.test(code)) return;
  window.history.replaceState(null, "", window.location.pathname);
  form.elements.code.value = code;
  form.requestSubmit();
})();
