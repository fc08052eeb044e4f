// Dialogs, confirmations, printing, and where the focus goes after an answer.

/**
 * [data-dialog="id"] opens that <dialog>, [data-close] closes the one it is in; form[data-confirm] asks first;
 * [data-print] prints.
 */
export function watchDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
    event.target.closest("[data-close]")?.closest("dialog")?.close();
    if (event.target.closest("[data-print]")) print();
  });
  document.addEventListener(
    "submit",
    (event) => {
      const question = event.target.dataset.confirm;
      if (!question || confirm(question)) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
}

/** The summary of a refused form takes the focus, on a fresh page and after a swap. */
export function watchFocus() {
  const focus = () => document.querySelector("[data-focus]")?.focus();
  focus();
  document.addEventListener("htmx:after:settle", focus);
}
