"use strict";
// Draws each figure when it comes near the screen, in the colours the page has at that moment.
(() => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const touch = matchMedia("(pointer: coarse)").matches;
  const hovers = matchMedia("(hover: hover)").matches;
  const drawn = new Set();

  // A colour in a figure is the name of one of the page's variables.
  function coloured(value, style) {
    if (typeof value === "string") {
      return value.startsWith("--") ? style.getPropertyValue(value).trim() : value;
    }
    if (Array.isArray(value)) return value.map((each) => coloured(each, style));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, coloured(v, style)]));
  }

  function layoutOf(layout, style) {
    const axis = { gridcolor: "--grid", linecolor: "--rule", zerolinecolor: "--rule", automargin: true,
      exponentformat: "none", tickfont: { size: 11 } };
    const full = { margin: { l: 8, r: 10, t: 26, b: 8 }, showlegend: false, hovermode: "x unified",
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", dragmode: touch ? false : "zoom",
      font: { color: "--ink", family: getComputedStyle(document.body).fontFamily, size: 12 },
      hoverlabel: { bgcolor: "--paper", bordercolor: "--rule", font: { color: "--ink" } }, ...layout };
    for (const name of Object.keys(full).filter((key) => /^[xy]axis/.test(key))) {
      full[name] = { ...axis, ...full[name] };
      full[name].title = { ...full[name].title, font: { size: 12 }, standoff: 6 };
    }
    return coloured(full, style);
  }

  // A map is no taller than its width on this screen makes it, with room for the axis below.
  function fitMap(slot, layout) {
    if (!layout.yaxis.scaleanchor) return;
    const length = ({ range: [from, to] }) => Math.abs(to - from);
    const tall = slot.clientWidth * length(layout.yaxis) / length(layout.xaxis);
    layout.height = Math.round(Math.min(layout.height, Math.max(tall + 30, 160)));
    slot.style.height = `${layout.height}px`;
  }

  function draw(key) {
    const style = getComputedStyle(document.documentElement);
    const slot = document.getElementById(key);
    const figure = structuredClone(figures[key]);
    fitMap(slot, figure.layout);
    const options = { responsive: true, displaylogo: false, displayModeBar: hovers ? "hover" : false,
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] };
    drawn.add(key);
    return Plotly.react(slot, coloured(figure.data, style),
      layoutOf(figure.layout, style), options);
  }

  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((each) => each.isIntersecting)) {
      watch.unobserve(entry.target);
      draw(entry.target.id);
    }
  }, { rootMargin: "600px" });
  for (const key of Object.keys(figures)) watch.observe(document.getElementById(key));

  dark.addEventListener("change", () => drawn.forEach(draw));
  addEventListener("beforeprint", () => Object.keys(figures).forEach(draw));
})();
