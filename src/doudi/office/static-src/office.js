// What scripts add to pages that work without them. No inline handler anywhere: everything hangs on data attributes.
import htmx from "htmx.org";

window.htmx = htmx;

// "/" jumps to the search box, as in every tool a clerk has open all day.
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = document.querySelector("[data-main-search]");
  if (box) {
    event.preventDefault();
    box.focus();
  }
});

// A second click on a sent form is swallowed here for calm; the server refuses it on its own account.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
  if (form.dataset.sent === "yes") {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.dataset.dirty = "";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A long form that was touched asks before it is left.
document.addEventListener("input", (event) => {
  const form = event.target instanceof HTMLElement && event.target.closest("form[data-guard]");
  if (form) form.dataset.dirty = "yes";
});
window.addEventListener("beforeunload", (event) => {
  if (document.querySelector('form[data-guard][data-dirty="yes"]')) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  if (event.target.closest("[data-print]")) window.print();
  // An open menu closes when one clicks elsewhere.
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// On paper nothing can be unfolded: what the page holds is printed, and folded again afterwards.
window.addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("main details:not([open]):not(.no-print):not(.reason-quiet)")) {
    folded.open = true;
    folded.dataset.unfolded = "yes";
  }
});
window.addEventListener("afterprint", () => {
  for (const unfolded of document.querySelectorAll("details[data-unfolded]")) {
    unfolded.open = false;
    delete unfolded.dataset.unfolded;
  }
});

// After a refused form the list of errors gets the focus, so that nobody has to look for it.
const summary = document.querySelector("[data-error-summary]");
if (summary) summary.focus();
