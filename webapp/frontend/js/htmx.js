// htmx with the token that the server wants on everything that changes something.
import htmx from "htmx.org";
import { csrfToken } from "./post.js";

document.addEventListener("htmx:config:request", (event) => {
  const request = event.detail.ctx?.request;
  if (request) request.headers["X-CSRFToken"] = csrfToken();
});

export default htmx;
