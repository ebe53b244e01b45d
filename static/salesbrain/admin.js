// Admin: names for Django's search boxes, and a page that follows actions until they are over.

const FOLLOW_EVERY = 3000; // milliseconds

/** Give each select2 box the label of its field: Django leaves an empty one without a name. */
function nameSearchBoxes() {
  for (const field of document.querySelectorAll("select.admin-autocomplete")) {
    const label = field.labels[0];
    const box = field.parentElement.querySelector(".select2-selection");
    if (!label || !box || box.dataset.named) continue;
    label.id ||= `${field.id}-label`;
    box.setAttribute("aria-labelledby", `${label.id} ${box.getAttribute("aria-labelledby") ?? ""}`.trim());
    box.dataset.named = "yes";
  }
}

/** Load the page again when what it shows has changed, and not every few seconds: that would take the focus away. */
async function follow() {
  const shown = (page) => page.querySelector("#content")?.textContent.replace(/\s+/g, " ");
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  const fresh = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  if (fresh && shown(fresh) !== shown(document)) location.reload();
  else setTimeout(follow, FOLLOW_EVERY);
}

window.addEventListener("load", nameSearchBoxes); // after Django's own scripts, which make the boxes
document.addEventListener("formset:added", () => setTimeout(nameSearchBoxes));
if (document.querySelector("meta[name=follow]")) setTimeout(follow, FOLLOW_EVERY);
