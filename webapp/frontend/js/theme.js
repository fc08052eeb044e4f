// Light and dark without a reload; the server keeps the choice.
import { post } from "./post.js";

/** form[data-theme-switch]: its hidden field `theme` says what the next press chooses. */
export function watchTheme() {
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-theme-switch]");
    if (!form) return;
    event.preventDefault();
    const root = document.documentElement;
    const field = form.elements.theme;
    const isDark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    field.value = isDark ? "light" : "dark";
    root.dataset.theme = field.value;
    form.querySelector("use")?.setAttribute("href", isDark ? "#i-moon" : "#i-sun");
    try {
      await post(form.action, new URLSearchParams(new FormData(form)));
    } catch {
      form.submit(); // let the server say what is wrong
    }
  });
}
