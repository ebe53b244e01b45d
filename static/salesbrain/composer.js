// Replies of the inbox beyond a form: drafts while typing, snippets, sending without a page load, presence. Everything works without it.
const body = document.body;
const DRAFT = 800, PRESENCE = 10000, PENDING = 3000; // milliseconds
const pane = () => document.getElementById("pane");
const composer = () => document.querySelector("[data-composer]");
const send = (url, data, options = {}) => fetch(url, { method: "POST", body: data, ...options, headers: {
  "X-Part": "pane", "HX-Request": "true", "X-CSRFToken": body.dataset.csrf, "X-Organization": body.dataset.organization } });

// --- composer: drafts while typing, snippets
let saving = 0, typedAt = 0;
function saved(form, what = "saved") {
  const told = form.querySelector("[data-saved]");
  if (told) told.textContent = told.dataset[what];
}
async function save() {
  saving = 0;
  const form = composer();
  if (!form) return;
  const data = new FormData(form);
  data.set("action", "draft");
  const answer = await send(form.getAttribute("action"), data, { keepalive: true }).catch(() => null);
  if (answer?.status === 204 && form.isConnected) saved(form);
}
function flush() {
  if (!saving) return;
  clearTimeout(saving);
  save();
}
document.addEventListener("input", (event) => {
  event.target.closest("#pane form")?.setAttribute("hx-morph-skip", ""); // what somebody types is not replaced by a newer page
  const form = event.target.closest("[data-composer]");
  if (!form) return;
  form.querySelector("[data-saved]").textContent = "";
  typedAt = Date.now();
  clearTimeout(saving);
  saving = setTimeout(save, DRAFT);
});
window.addEventListener("pagehide", flush);
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-snippets]") || !event.target.value) return;
  const text = composer().querySelector("textarea");
  text.setRangeText(event.target.value, text.selectionStart, text.selectionEnd, "end");
  event.target.value = "";
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
});
// --- presence, and replies that are on their way
async function tell() {
  const line = pane().querySelector("[data-presence]");
  if (!line || document.hidden) return;
  const data = new URLSearchParams({ organization: body.dataset.organization, writing: Date.now() - typedAt < PRESENCE ? "1" : "0" });
  const answer = await send(line.dataset.presence, data).catch(() => null);
  if (answer?.ok) line.textContent = (await answer.json()).text;
}
function count() {
  for (const left of document.querySelectorAll("[data-countdown]")) {
    const seconds = Math.ceil((new Date(left.dataset.countdown) - Date.now()) / 1000);
    left.textContent = seconds > 0 ? `${seconds} s` : "";
  }
}
function dress() {
  for (const menu of document.querySelectorAll("[data-snippets]")) menu.hidden = false;
  count();
  tell();
}
setInterval(tell, PRESENCE);
setInterval(count, 1000);
setInterval(() => {
  const due = [...document.querySelectorAll("[data-countdown]")].some((left) => new Date(left.dataset.countdown) <= Date.now());
  if (due || document.querySelector(".is-sending")) pane().dispatchEvent(new Event("refresh"));
}, PENDING);
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-reply]")) return;
  event.preventDefault();
  clearTimeout(saving);
  saving = 0;
  const data = new FormData(form, event.submitter);
  const answer = await send(form.getAttribute("action"), data).catch(() => null);
  if (!answer) return saved(form, "lost");
  if (answer.status === 204) return saved(form);
  const html = await answer.text();
  if (!html.includes('id="pane"')) return location.reload(); // logged out, or another organization: the page says so
  document.dispatchEvent(new CustomEvent("inbox:show", { detail: html }));
  pane().querySelector(answer.ok ? ".thread" : "[role=alert]")?.scrollIntoView({ block: "nearest" });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("[data-composer]");
  if (form) form.requestSubmit(form.querySelector("[value=send]"));
});
document.addEventListener("inbox:leave", flush);
document.addEventListener("inbox:shown", dress);
dress();

// --- a refresh may move the field that somebody types in, and a moved element loses the focus
let focused = null;
document.addEventListener("htmx:before:swap", () => { focused = document.activeElement; });
document.addEventListener("htmx:after:swap", () => {
  if (focused?.isConnected && focused !== document.activeElement) focused.focus({ preventScroll: true });
});
