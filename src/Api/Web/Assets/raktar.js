// Nothing here is needed to read or to do anything: it saves clicks.
"use strict";

// Results appear while somebody types: the same page is asked for, and its results are taken out of it.
for (const form of document.querySelectorAll("form[data-live]")) {
  const input = form.querySelector("input[type=search]");
  let waiting, asking;
  const show = async () => {
    asking?.abort();
    asking = new AbortController();
    const address = new URL(form.action);
    address.search = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(address, { signal: asking.signal });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const results = page.getElementById("results");
      if (results) document.getElementById("results").replaceWith(results);
      history.replaceState(null, "", address);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 120);
  });
  form.addEventListener("change", (event) => {
    if (event.target !== input) show();
  });
}

// Arrow keys walk from the search through what was found; a slash goes to the search.
document.addEventListener("keydown", (event) => {
  const input = document.querySelector("main input[type=search], header input[type=search]");
  if (!input) return;
  const typing = event.target.matches("input, textarea, select");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    input.focus();
    return;
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const links = [...document.querySelectorAll("#results .crates li > a")];
  const at = links.indexOf(document.activeElement);
  if (at < 0 && event.target !== input) return;
  const next = event.key === "ArrowDown" ? links[at + 1] : at > 0 ? links[at - 1] : input;
  if (next) {
    event.preventDefault();
    next.focus();
  }
});

for (const block of document.querySelectorAll("pre.copy")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copier";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  block.after(button);
}
