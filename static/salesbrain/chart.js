// Draws the charts of a page with uPlot. The figures stand in the page as JSON, and as a table below each drawing.

// A token is a pair light-dark(…): let the browser resolve it, for a canvas cannot.
function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

let loading;
function library() {
  loading ??= new Promise((resolve, reject) => {
    const base = new URL("../vendor/", import.meta.url);
    const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("uplot-1.6.32.min.css", base) });
    const script = Object.assign(document.createElement("script"), { src: new URL("uplot-1.6.32.min.js", base) });
    script.onload = () => resolve(window.uPlot);
    script.onerror = reject;
    document.head.append(sheet, script);
  });
  return loading;
}

const LINES = [["--accent", "--accent-soft"], ["--good", null], ["--warn", null], ["--bad", null]];

function options(chart, width) {
  const dates = new Intl.DateTimeFormat(chart.language === "en" ? "en-GB" : chart.language, { day: "numeric", month: "short", timeZone: "UTC" });
  const numbers = new Intl.NumberFormat(chart.language);
  const shown = (value) => (value == null ? "" : numbers.format(value));
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
  return {
    width, height: 220, tzDate: (seconds) => window.uPlot.tzDate(new Date(seconds * 1000), "UTC"),
    cursor: { y: false, points: { size: 7 } },
    scales: { y: { range: (_, low, high) => [0, Math.max(high, 1) * 1.1] } },
    axes: [
      { ...axis, grid: { show: false }, space: 70, size: 32, values: (_, ticks) => ticks.map((tick) => dates.format(tick * 1000)) },
      { ...axis, size: 44, values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? shown(tick) : "")) },
    ],
    series: [
      { label: "", value: (_, seconds) => (seconds == null ? "" : dates.format(seconds * 1000)) },
      ...chart.series.map(({ label }, index) => {
        const [line, area] = LINES[index % LINES.length];
        return { label, stroke: colour(line), width: 1.75, fill: area ? colour(area) : undefined, value: (_, value) => shown(value), points: { show: false } };
      }),
    ],
  };
}

function drawOne(uPlot, place) {
  const chart = JSON.parse(place.parentElement.querySelector("script").textContent);
  const data = [chart.days.map((day) => Date.parse(day) / 1000), ...chart.series.map((series) => series.values)];
  const again = () => {
    place.textContent = "";
    new uPlot(options(chart, place.clientWidth), data, place);
  };
  place.hidden = false;
  again();
  let width = place.clientWidth;
  new ResizeObserver(() => {
    if (place.clientWidth && place.clientWidth !== width) {
      width = place.clientWidth;
      again();
    }
  }).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
}

/** Draw every chart below `root` that is not drawn yet. */
export async function drawAll(root) {
  const places = [...root.querySelectorAll("[data-chart-drawing]")].filter((place) => place.hidden);
  if (!places.length) return;
  const uPlot = await library();
  for (const place of places) if (place.hidden) drawOne(uPlot, place);
}
