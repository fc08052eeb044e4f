// Rows picked by their check boxes: the row is marked, the batch bar shows how many.

/** table[data-list] has check boxes name="key"; [data-all] picks all; [data-batch] shows with [data-count] in it. */
export function watchSelection() {
  document.addEventListener("change", (event) => {
    const list = event.target.closest("table[data-list]");
    if (!list || event.target.type !== "checkbox") return;
    const boxes = [...list.querySelectorAll('tbody input[type="checkbox"]')];
    if (event.target.matches("[data-all]")) for (const box of boxes) box.checked = event.target.checked;
    for (const box of boxes) mark(box);
    showBatch(boxes.filter((box) => box.checked).length);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-batch-clear]")) return;
    for (const box of document.querySelectorAll('table[data-list] input[type="checkbox"]')) {
      box.checked = false;
      mark(box);
    }
    showBatch(0);
  });
}

function mark(box) {
  const row = box.closest("tbody tr");
  if (box.checked) row?.setAttribute("aria-selected", "true");
  else row?.removeAttribute("aria-selected");
}

function showBatch(count) {
  for (const bar of document.querySelectorAll("[data-batch]")) {
    bar.hidden = count === 0;
    for (const place of bar.querySelectorAll("[data-count]")) place.textContent = String(count);
  }
}
