// What pages do beyond links and forms: menus, shortcuts, live updates, charts. Everything works without it.
const body = document.body;
const ACTIVE = 3000, HIDDEN = 60000, FAILED = 15000; // milliseconds between two questions

// htmx moves rows with moveBefore where a browser has it, and Chromium 150 ends the tab on it (a failed CHECK in the renderer, seen when
// the inbox's list was refreshed while rows left it). Without it htmx takes insertBefore.
delete Element.prototype.moveBefore;

// --- requests of htmx carry what forms carry
document.addEventListener("htmx:config:request", (event) => {
  const headers = event.detail.ctx.request.headers;
  headers["X-CSRFToken"] = body.dataset.csrf;
  headers["X-Organization"] = body.dataset.organization;
});

// --- menus are <details>: one is open at a time, and Escape or a click elsewhere closes it
const openMenus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// --- single keys: an element with data-key is clicked by it ("g o": one after the other), of several the first that is to be seen. Off for
// whoever wishes so.
let before = "", pressedAt = 0;
const isTyping = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open]");
document.addEventListener("keydown", (event) => {
  if (!("shortcuts" in body.dataset) || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const keys = Date.now() - pressedAt < 1000 && before ? [`${before} ${event.key}`, event.key] : [event.key];
  [before, pressedAt] = [event.key, Date.now()];
  for (const key of keys) {
    const all = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
    const element = all.find((each) => each.checkVisibility()) ?? all[0];
    if (!element) continue;
    event.preventDefault();
    before = "";
    if (element instanceof HTMLDialogElement) element.showModal();
    else element.click();
    return;
  }
});

// --- live updates: ask for the feed's position; where it moved, `feed` is sent to the body and parts of the page load again
let timer = 0, position = Number(body.dataset.position || 0), gone = false;
async function poll() {
  clearTimeout(timer);
  let pause = document.hidden ? HIDDEN : ACTIVE;
  try {
    const answer = await fetch(`${body.dataset.poll}&since=${position}`, { headers: { Accept: "application/json" } });
    if (answer.status === 200) {
      position = (await answer.json()).position;
      body.dispatchEvent(new CustomEvent("feed", { detail: { position } }));
    } else if (answer.status === 401 || answer.status === 403) {
      gone = true; // logged out, or no longer a member: the next click says so
    } else if (answer.status !== 204) {
      pause = FAILED;
    }
  } catch {
    pause = FAILED;
  }
  if (!gone) timer = setTimeout(poll, pause);
}
if (body.dataset.poll) {
  timer = setTimeout(poll, ACTIVE);
  document.addEventListener("visibilitychange", () => gone || document.hidden || poll());
}

// --- charts: the drawing is fetched only where there is one
async function draw() {
  if (!document.querySelector("[data-chart-drawing]")) return;
  (await import(body.dataset.chart)).drawAll(document);
}
draw();
document.addEventListener("htmx:after:swap", draw);

// --- the time zone of this device, offered on the profile
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const button of document.querySelectorAll("[data-device-zone]")) {
  const field = document.getElementById(button.dataset.deviceZone);
  if (!zone || !field || field.value === zone || ![...field.options].some((option) => option.value === zone)) continue;
  button.querySelector("[data-zone]").textContent = zone.replaceAll("_", " ");
  button.hidden = false;
  button.addEventListener("click", () => {
    field.value = zone;
    button.hidden = true;
  });
}

// --- copy what stands beside the button
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.querySelector("span").textContent = button.dataset.copied;
  });
}
