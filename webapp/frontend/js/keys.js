// Keys for lists: J and K move, Enter opens, X selects, / searches; a button with data-key="c" is pressed by C.
// Ctrl K opens the search over everything, also while typing.

const CURSOR = "cursor";

/** table[data-list] has rows with a.open; body[data-keys=off] switches single keys off. */
export function watchKeys() {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && click(document.querySelector("[data-find]"))) {
      event.preventDefault();
      return;
    }
    if (document.body.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    if (handle(event.key)) event.preventDefault();
  });
}

function handle(key) {
  if (key === "/") return focusSearch();
  const list = document.querySelector("table[data-list]");
  if (!list) return press(key);
  const rows = [...list.tBodies[0].rows];
  const at = rows.findIndex((row) => row.classList.contains(CURSOR));
  switch (key.toLowerCase()) {
    case "j":
      return move(rows, at, at + 1);
    case "k":
      return move(rows, at, at < 0 ? 0 : at - 1);
    case "enter":
      return click(rows[at]?.querySelector("a.open"));
    case "x":
      return click(rows[at]?.querySelector('input[type="checkbox"]'));
    default:
      return press(key, rows[at]);
  }
}

function move(rows, from, to) {
  const row = rows[Math.min(Math.max(to, 0), rows.length - 1)];
  if (!row) return false;
  rows[from]?.classList.remove(CURSOR);
  row.classList.add(CURSOR);
  row.scrollIntoView({ block: "nearest" });
  return true;
}

function press(key, row) {
  const selector = `[data-key="${CSS.escape(key.toLowerCase())}"]`;
  const batch = document.querySelector(`[data-batch]:not([hidden]) ${selector}`);
  const elsewhere = `${selector}:not(table[data-list] *, [data-batch] *)`;
  return click(batch ?? row?.querySelector(selector) ?? document.querySelector(elsewhere));
}

function click(element) {
  element?.click();
  return Boolean(element);
}

function focusSearch() {
  const field = document.querySelector("input[data-search]");
  field?.focus();
  field?.select();
  return Boolean(field);
}
