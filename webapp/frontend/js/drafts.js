// Nothing typed is lost: forms save themselves as drafts, and leaving with unsaved changes asks first.
import { post } from "./post.js";

const QUIET_MS = 1500;

/**
 * form[data-draft="URL"] posts itself there a moment after the last change; the answer's text goes into
 * [data-draft-status], and where that fails, the form's data-draft-failed. form[data-guard] only guards.
 */
export function watchDrafts() {
  let unsaved = false;
  const timers = new WeakMap();

  function changed(event) {
    const form = event.target.closest?.("form[data-draft], form[data-guard]");
    if (!form) return;
    unsaved = true;
    if (!form.dataset.draft) return;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => save(form), QUIET_MS));
  }

  async function save(form) {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    const before = JSON.stringify([...data]);
    try {
      const response = await post(form.dataset.draft, new URLSearchParams(data));
      show(form, await response.text());
      const now = new FormData(form);
      for (const [name, value] of [...now]) if (value instanceof File) now.delete(name);
      if (JSON.stringify([...now]) === before) unsaved = false;
    } catch {
      show(form, form.dataset.draftFailed ?? "");
    }
  }

  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-draft], form[data-guard]")) return;
    clearTimeout(timers.get(event.target));
    unsaved = false;
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
}

function show(form, text) {
  const place = form.querySelector("[data-draft-status]");
  if (place) place.textContent = text;
}

/** input[data-file-names] is hidden behind its label: the names of the chosen files are written beside it. */
export function watchFiles() {
  document.addEventListener("change", (event) => {
    if (!event.target.matches("input[type=file][data-file-names]")) return;
    const place = event.target.closest(".slot")?.querySelector(".what");
    if (!place) return;
    place.querySelectorAll("[data-chosen]").forEach((old) => old.remove());
    for (const file of event.target.files) {
      const line = document.createElement("small");
      line.dataset.chosen = "";
      line.textContent = file.name;
      place.append(line);
    }
  });
}
