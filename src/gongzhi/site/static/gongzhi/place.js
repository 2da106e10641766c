// Choosing a place by a tap on the map or by the device's own position. Without it: words and a list of areas.
"use strict";
(() => {
  const box = document.querySelector("[data-place]");
  if (!box) return;
  const svg = box.querySelector("[data-map-pick]");
  const lon = document.getElementById(box.dataset.lon);
  const lat = document.getElementById(box.dataset.lat);
  const mark = svg && svg.querySelector(".chosen");
  const said = box.querySelector("[data-said]");
  const clear = box.querySelector("[data-clear]");
  const here = box.querySelector("[data-here]");
  const edge = svg && ["minLon", "minLat", "maxLon", "maxLat"].map((key) => Number(svg.dataset[key]));
  const view = svg && svg.viewBox.baseVal;

  function show(words) { said.textContent = words; }

  function set(x, y, words) {
    lon.value = x.toFixed(6);
    lat.value = y.toFixed(6);
    const px = ((x - edge[0]) / (edge[2] - edge[0])) * view.width;
    const py = ((edge[3] - y) / (edge[3] - edge[1])) * view.height;
    mark.setAttribute("transform", `translate(${px.toFixed(1)} ${py.toFixed(1)})`);
    mark.removeAttribute("hidden");
    mark.removeAttribute("display");
    clear.hidden = false;
    show(words);
  }

  function inside(x, y) { return x >= edge[0] && x <= edge[2] && y >= edge[1] && y <= edge[3]; }

  if (svg) {
    box.querySelector("[data-map-box]").hidden = false;
    svg.addEventListener("click", (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      set(edge[0] + (at.x / view.width) * (edge[2] - edge[0]), edge[3] - (at.y / view.height) * (edge[3] - edge[1]), box.dataset.chosen);
    });
    if (lon.value && lat.value && inside(Number(lon.value), Number(lat.value))) set(Number(lon.value), Number(lat.value), box.dataset.chosen);
    clear.addEventListener("click", () => {
      lon.value = lat.value = "";
      mark.setAttribute("display", "none");
      clear.hidden = true;
      show("");
    });
  }
  if (here && svg && navigator.geolocation) {
    here.hidden = false;
    here.addEventListener("click", () => {
      show(box.dataset.looking);
      navigator.geolocation.getCurrentPosition(
        (found) => {
          const { longitude, latitude } = found.coords;
          if (inside(longitude, latitude)) set(longitude, latitude, box.dataset.found);
          else show(box.dataset.outside);
        },
        () => show(box.dataset.denied),
        { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
      );
    });
  }
})();
