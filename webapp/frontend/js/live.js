// Lists that keep themselves up to date: asked for again every so often, while nobody is in the middle of something.

/** [data-live="seconds"] sends itself the event "live" (hx-trigger="live"); the cursor's row stays the cursor's. */
export function watchLive() {
  let cursor = "";
  for (const list of document.querySelectorAll("[data-live]")) {
    setInterval(() => refresh(list.id), Number(list.dataset.live) * 1000);
  }
  document.addEventListener("htmx:before:swap", () => {
    cursor = document.querySelector("tr.cursor")?.id ?? "";
  });
  document.addEventListener("htmx:after:swap", () => {
    if (cursor) document.getElementById(cursor)?.classList.add("cursor");
  });
}

function refresh(id) {
  const list = document.getElementById(id);
  const isBusy = document.hidden || document.querySelector("dialog[open], [data-live] input:checked");
  if (list && !isBusy) list.dispatchEvent(new CustomEvent("live"));
}
