// The inbox beyond links and forms: keys, the next conversation fetched ahead, actions without a page load.
const body = document.body, inbox = document.querySelector("[data-inbox]"), bar = document.getElementById("undo-bar");
const on = document.addEventListener.bind(document);
const UNDO = 10000, RETRY = 5000; // milliseconds
const pane = () => document.getElementById("pane");
const list = () => document.getElementById("inbox-list");
const rows = () => [...list().querySelectorAll("[data-row]")];
const boxes = () => document.querySelectorAll("#bulk [type=checkbox]");
const linkOf = (row) => row?.querySelector(".conversation-link");
const isTyping = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, dialog[open]");
const send = (url, options = {}, headers = {}) => fetch(url, { ...options, headers: {
  "X-Part": "pane", "HX-Request": "true", "X-CSRFToken": body.dataset.csrf, "X-Organization": body.dataset.organization, ...headers } });
const refresh = () => body.dispatchEvent(new CustomEvent("feed"));
const refreshSoon = () => setTimeout(refresh, RETRY); // what was lost is asked for again
let chosen = pane().dataset.open || "";
const ahead = new Map(); // addresses of conversations -> their pane, fetched before it is asked for

// --- a conversation: shown from what was fetched ahead, else fetched
async function fetched(url, headers) {
  const answer = await send(url, {}, headers);
  return answer.ok ? answer.text() : null;
}
function prefetch() {
  if (!("prefetch" in inbox.dataset)) return;
  const all = rows(), url = linkOf(all[all.findIndex((row) => row.dataset.row === chosen) + 1])?.href;
  if (url && !ahead.has(url)) ahead.set(url, fetched(url, { "X-Unseen": "1" }).catch(() => null));
}
function mark() {
  for (const row of rows()) {
    const is = row.dataset.row === chosen, isOpen = is && pane().dataset.open === chosen;
    row.classList.toggle("is-chosen", is);
    row.classList.toggle("is-open", isOpen);
    if (isOpen) row.classList.remove("is-unread");
    linkOf(row).toggleAttribute("aria-current", isOpen);
  }
}
function show(html) {
  document.dispatchEvent(new Event("inbox:leave"));
  pane().outerHTML = html;
  htmx.process(pane());
  const isOpen = Boolean(pane().dataset.open);
  inbox.classList.toggle("has-open", isOpen);
  if (isOpen) document.title = pane().dataset.title;
  document.dispatchEvent(new Event("inbox:shown"));
}
function choose(row) {
  chosen = row.dataset.row;
  mark();
  row.scrollIntoView({ block: "nearest" });
  linkOf(row).focus({ preventScroll: true });
}
async function open(row) {
  const url = linkOf(row)?.href;
  if (!url) return;
  choose(row);
  const wasAhead = ahead.has(url);
  const html = await (ahead.get(url) ?? fetched(url).catch(() => null));
  ahead.delete(url);
  if (html === null) return location.assign(url);
  if (chosen !== row.dataset.row) return; // another one was asked for meanwhile
  show(html);
  history.pushState({}, "", url);
  window.scrollTo(0, 0);
  mark();
  prefetch();
  if (wasAhead && "marks" in inbox.dataset) act("/inbox/act", new URLSearchParams({
    action: "read", id: chosen, seen: pane().dataset.seen, organization: body.dataset.organization }), true);
}
function close() {
  show('<section id="pane" class="pane"></section>');
  history.pushState({}, "", list().getAttribute("hx-get"));
  mark();
}

// --- actions: posted without leaving the page, with an undo for ten seconds
let hiding = 0;
function say(text, token) {
  const button = bar.querySelector("button");
  bar.querySelector("[data-text]").textContent = text;
  bar.querySelector("[name=token]").value = token;
  button.hidden = !token;
  button.toggleAttribute("data-key", Boolean(token));
  if (token) button.dataset.key = "z";
  bar.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(hide, UNDO);
}
function hide() {
  bar.hidden = true;
  bar.querySelector("button").removeAttribute("data-key");
}
async function act(url, data, isQuiet = false) {
  const answer = await send(url, { method: "POST", body: data }).catch(() => null);
  if (isQuiet) return;
  if (!answer) say(bar.dataset.lost, "");
  else if (!answer.headers.get("Content-Type")?.includes("json")) return location.reload();
  else {
    const said = await answer.json();
    say(said.text, said.undo);
  }
  refresh();
  return answer?.ok;
}
on("submit", (event) => {
  const form = event.target, url = form.getAttribute("action"), data = new FormData(form, event.submitter);
  if (!form.matches("[data-act], #bulk")) return;
  event.preventDefault();
  form.closest("details.menu")?.removeAttribute("open");
  form.removeAttribute("hx-morph-skip");
  if (form.matches("[data-forward]")) {
    const all = rows(), at = all.findIndex((row) => row.dataset.row === chosen), next = all[at + 1] ?? all[at - 1];
    act(url, data);
    if (next) open(next);
    else close();
    all[at]?.remove();
    return;
  }
  if (form.matches("[data-close]")) close();
  if (form.id === "bulk") document.activeElement.blur();
  act(url, data).then((isDone) => isDone && form.reset());
});

on("click", (event) => { // at once, not when `toggle` is told: the next key is meant for the field
  const menu = event.target.closest?.("details.tool > summary")?.parentElement;
  if (!menu) return;
  event.preventDefault();
  menu.open = !menu.open;
  if (menu.open) menu.querySelector(".input")?.focus();
});

// --- keys
let last = "", lastAt = 0;
on("keydown", (event) => {
  if (event.key === "Escape" && isTyping(event.target)) return event.target.blur();
  if (!("shortcuts" in body.dataset) || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const isSecond = last === "g" && Date.now() - lastAt < 1000;
  [last, lastAt] = [event.key, Date.now()];
  const move = { j: 1, k: -1 }[event.key], lane = { n: "next", p: "previous" }[event.key];
  const all = rows(), at = all.findIndex((row) => row.dataset.row === chosen);
  if (isSecond || !(move || lane || ["o", "x"].includes(event.key))) return;
  event.preventDefault();
  if (lane) document.querySelector(".lanes [aria-current]")?.[`${lane}ElementSibling`]?.click();
  else if (event.key === "o") open(all[Math.max(at, 0)]);
  else if (event.key === "x") all[Math.max(at, 0)]?.querySelector("[name=id]")?.click();
  else if (all[at + move]) (pane().dataset.open ? open : choose)(all[at + move]);
});
on("click", (event) => {
  const link = event.target.closest?.(".conversation-link");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(link.closest("[data-row]"));
});
window.addEventListener("popstate", () => location.reload());

// --- the list was refreshed: what was selected stays selected, what was fetched ahead may be old
let picked = new Set();
on("htmx:before:response", (event) => {
  const { sourceElement: asked, response } = event.detail.ctx;
  if (response.status < 400 || !asked.closest("[data-inbox]")) return;
  event.preventDefault(); // an error page takes the place of no list and no conversation
  if (response.status === 404 && asked === pane()) close();
  else if (response.status === 409) location.reload(); // another organization: the page says so
  else if (response.status > 428) refreshSoon(); // too much at once, or the server is away
});
on("htmx:before:swap", (event) => {
  if (!event.detail.ctx.sourceElement.isConnected) return event.preventDefault(); // of a conversation that was left meanwhile
  picked = new Set([...boxes()].filter((box) => box.checked).map((box) => box.value));
});
on("htmx:after:swap", () => {
  for (const box of boxes()) box.checked = picked.has(box.value);
  mark();
  document.dispatchEvent(new Event("inbox:shown"));
});
on("htmx:error", refreshSoon);
body.addEventListener("feed", () => { ahead.clear(); setTimeout(prefetch, 300); });
mark();
prefetch();
on("inbox:show", (event) => show(event.detail));
if (!bar.hidden) hiding = setTimeout(hide, UNDO);
