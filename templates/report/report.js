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

  // Report: mark every place that holds the words; Enter goes to the next, Shift and Enter back.
  const find = document.getElementById("find");
  if (find && CSS.highlights) {
    find.parentElement.hidden = false;
    const told = find.parentElement.querySelector("output");
    const blocks = "p, li, th, td, dt, dd, h1, h2, h3, h4, h5, h6, pre, summary, caption, text, main";
    let found = [], at = -1;
    const ranges = (nodes, words) => {
      const text = nodes.map((node) => node.data).join("").replace(/\s/g, " ").toLowerCase();
      const place = (offset) => {
        for (const node of nodes) {
          if (offset <= node.length) return [node, offset];
          offset -= node.length;
        }
      };
      for (let i = text.indexOf(words); i >= 0; i = text.indexOf(words, i + words.length)) {
        const range = new Range();
        range.setStart(...place(i));
        range.setEnd(...place(i + words.length));
        found.push(range);
      }
    };
    const mark = (words) => {
      found = [];
      at = -1;
      CSS.highlights.delete("here");
      const walker = document.createTreeWalker(document.getElementById("main"), NodeFilter.SHOW_TEXT);
      let nodes = [], block = null;
      while (words && walker.nextNode()) {
        const node = walker.currentNode;
        if (node.parentElement.closest("style, title")) continue;
        const own = node.parentElement.closest(blocks);
        if (own !== block) {
          ranges(nodes, words);
          [nodes, block] = [[], own];
        }
        nodes.push(node);
      }
      if (words) ranges(nodes, words);
      CSS.highlights.set("found", new Highlight(...found));
      told.textContent = words ? `${found.length}` : "";
    };
    find.addEventListener("input", () => mark(find.value.trim().replace(/\s+/g, " ").toLowerCase()));
    find.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !found.length) return;
      at = at < 0 && event.shiftKey ? found.length - 1
        : (at + (event.shiftKey ? -1 : 1) + found.length) % found.length;
      const element = found[at].startContainer.parentElement;
      for (let up = element; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
      CSS.highlights.set("here", new Highlight(found[at]));
      element.scrollIntoView({ block: "center", inline: "nearest" });
      told.textContent = `${at + 1} / ${found.length}`;
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
