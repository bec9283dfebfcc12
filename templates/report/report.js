"use strict";
// Comforts only: the page says everything without this script.
(() => {
  // Index: hide the rows that do not hold every word of the filter.
  const filter = document.getElementById("filter");
  if (filter) {
    const rows = [...document.querySelectorAll(".r-index tbody tr, .r-scan tbody tr")];
    const told = document.querySelector(".r-filter output");
    filter.closest(".r-filter").hidden = false;
    filter.addEventListener("input", () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        shown += row.hidden ? 0 : 1;
      }
      told.textContent = words.length ? `${shown} / ${rows.length}` : "";
    });
  }

  // A tab stop where something scrolls, and nowhere else, whatever the window's width.
  const stops = new ResizeObserver((changes) => {
    for (const { target } of changes)
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
  });
  for (const frame of document.querySelectorAll(".r-scroll, .r-figure")) stops.observe(frame);

  // Tables: a button that copies one as tab-separated text.
  for (const frame of document.querySelectorAll(".r-scroll")) {
    const button = frame.parentElement.querySelector(".r-copy");
    if (!button || !navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const lines = [...frame.querySelectorAll("tr")].map((row) =>
        [...row.cells].map((cell) => cell.textContent.trim().replace(/\s+/g, " ")).join("\t"));
      await navigator.clipboard.writeText(lines.join("\n"));
      const label = button.textContent;
      button.textContent = document.body.dataset.copied;
      setTimeout(() => { button.textContent = label; }, 1500);
    });
  }

  // A link into something folded opens it.
  const unfold = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  };
  addEventListener("hashchange", unfold);
  unfold();

  // Contents: mark the section that is being read.
  const links = new Map();
  for (const link of document.querySelectorAll(".r-toc a"))
    links.set(link.getAttribute("href").slice(1), link);
  const sections = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  if (sections.length) {
    let waiting = false;
    const mark = () => {
      waiting = false;
      const passed = sections.filter((section) => section.getBoundingClientRect().top < 120);
      const here = (passed.pop() || sections[0]).id;
      for (const [id, link] of links) {
        if (id === here) link.setAttribute("aria-current", "location");
        else link.removeAttribute("aria-current");
      }
    };
    addEventListener("scroll", () => {
      if (!waiting) { waiting = true; requestAnimationFrame(mark); }
    }, { passive: true });
    mark();
  }
})();
