// Forms that the server draws again: a row more or less, and what depends on a changed value, without leaving the page.
// Requests go one after the other, each with what stands in the form when it is sent, so that none undoes another.
import htmx from "./htmx.js";
import { post } from "./post.js";

const ROW_BUTTON = 'button[name="_add"], button[name="_remove"]';
const REFRESH = { name: "_refresh", value: "1" };
const queues = new WeakMap();

/**
 * #form-body[data-action] is the part that is drawn again; [data-refreshes] asks for it when it changes, and so do the
 * fields that form[data-refresh-names] names. [data-form-part] is drawn again as well: it depends on what is filled in.
 */
export function watchForms() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(ROW_BUTTON);
    const body = button?.closest("#form-body");
    if (!body) return;
    event.preventDefault();
    ask(button.form, { name: button.name, value: button.value, group: button.closest(".group")?.id });
  });
  document.addEventListener("change", (event) => {
    if (isDependedOn(event.target)) ask(event.target.form, REFRESH);
  });
}

function isDependedOn(field) {
  if (!field.matches("#form-body :is(input, select, textarea)")) return false;
  return field.matches("[data-refreshes]") || field.form.dataset.refreshNames?.split(" ").includes(field.name);
}

function ask(form, job) {
  const queue = queues.get(form) ?? [];
  if (job === REFRESH && queue.slice(1).includes(REFRESH)) return;
  queue.push(job);
  if (queue.length === 1) run(form, queue);
  queues.set(form, queue);
}

async function run(form, queue) {
  for (; queue.length; queue.shift()) {
    const job = queue[0];
    try {
      await draw(form, job);
    } catch {
      // Without an answer a row is asked for as without a script, which says what is wrong; a refresh can wait for the submit.
      if (job !== REFRESH) sendAsPage(form, job);
    }
    if (job !== REFRESH && !queue.includes(REFRESH)) queue.push(REFRESH);
  }
}

async function draw(form, job) {
  const group = job.group && document.getElementById(job.group);
  if (group) group.inert = true; // what is typed now would be replaced
  try {
    const response = await post(form.querySelector("#form-body").dataset.action, fieldsOf(form, job));
    const text = await response.text();
    const target = group || form.querySelector("#form-body");
    const swap = group ? "outerHTML" : "outerMorph";
    await htmx.swap({ sourceElement: form, target, text, select: `#${target.id}`, swap, transition: false });
    if (job === REFRESH) await drawParts(form, text);
    if (job.name === "_add") focusLastRow(job);
  } finally {
    if (group?.isConnected) group.inert = false;
  }
}

async function drawParts(form, text) {
  for (const target of form.querySelectorAll("[data-form-part]")) {
    await htmx.swap({ sourceElement: form, target, text, select: `#${target.id}`, swap: "outerMorph", transition: false });
  }
}

/** What stands in the form, without its files: those stay in the page. */
function fieldsOf(form, job) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
  fields.append(job.name, job.value);
  return fields;
}

function focusLastRow(job) {
  const rows = document.getElementById(job.group)?.querySelectorAll(`input[type=hidden][name="${CSS.escape(job.value)}"]`);
  rows?.[rows.length - 1]?.closest("tr")?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function sendAsPage(form, job) {
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: job.name, value: job.value });
  form.append(field);
  form.submit();
}
