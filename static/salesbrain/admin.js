// Admin: names for Django's search boxes, and a page that follows actions until they are over.

const FOLLOW_EVERY = 3000; // milliseconds
let isTouched = false;

/** Name each select2 box as its field is named: the name it comes with is the chosen text, and none while nothing is chosen. */
function nameSearchBoxes() {
  for (const field of document.querySelectorAll("select.admin-autocomplete")) {
    const name = field.getAttribute("aria-label") || field.labels[0]?.textContent.replace(/:\s*$/, "").trim();
    const box = field.parentElement.querySelector(".select2-selection:not([data-named])");
    if (!box || !name) continue;
    box.dataset.named = "yes";
    box.removeAttribute("aria-labelledby");
    for (const part of [box, box.querySelector("[role=textbox]")]) part?.setAttribute("aria-label", name);
  }
}

/** Load the page again when what it shows has changed, and not every few seconds: that would take the focus away. What somebody typed or
 * chose is not thrown away: such a page is followed no more. */
async function follow() {
  if (isTouched) return;
  const shown = (page) => page.querySelector("#content")?.textContent.replace(/\s+/g, " ");
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  const fresh = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  if (isTouched) return;
  if (fresh && shown(fresh) !== shown(document)) location.reload();
  else setTimeout(follow, FOLLOW_EVERY);
}

// Django's own scripts make the boxes, at the start and with every row that is added.
new MutationObserver(nameSearchBoxes).observe(document.body, { childList: true, subtree: true });
nameSearchBoxes();
document.addEventListener("input", (event) => { isTouched ||= !event.target.closest("#nav-sidebar"); });
if (document.querySelector("meta[name=follow]")) setTimeout(follow, FOLLOW_EVERY);
