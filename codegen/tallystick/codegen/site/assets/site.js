"use strict";
(() => {
  const script = document.currentScript, html = document.documentElement;
  const { root, index } = script.dataset;
  const KEY = "tallystick-theme", SHOWN = 24;
  const recall = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const remember = (theme) => { try { localStorage.setItem(KEY, theme); } catch { /* a browser may forbid it: then it is forgotten */ } };
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // Before the first paint, so that nothing flashes.
  html.classList.add("js");
  if (["light", "dark"].includes(recall())) html.dataset.theme = recall();

  const el = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };

  const switchTheme = (button) => {
    const isDark = () => (html.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
    const tell = () => button.setAttribute("aria-pressed", String(isDark()));
    button.onclick = () => { html.dataset.theme = isDark() ? "light" : "dark"; remember(html.dataset.theme); tell(); };
    dark.addEventListener("change", tell);
    tell();
  };

  const copyButtons = () => {
    if (!navigator.clipboard) return;
    for (const head of document.querySelectorAll(".code-head")) {
      const name = head.textContent.trim();
      const button = el("button", { type: "button", class: "copy", "aria-label": `Copy the ${name} example` }, "Copy");
      button.onclick = async () => {
        try { await navigator.clipboard.writeText(head.nextElementSibling.textContent); button.textContent = "Copied"; }
        catch { button.textContent = "Press Ctrl+C"; getSelection().selectAllChildren(head.nextElementSibling); }
        setTimeout(() => { button.textContent = "Copy"; }, 1600);
      };
      head.append(button);
    }
  };

  const lightGraphs = () => {
    for (const graph of document.querySelectorAll(".graph")) {
      const paths = [...graph.querySelectorAll("path[data-from]")], boxes = [...graph.querySelectorAll("[data-key]")];
      const light = (key) => {
        const reached = new Set([key]);
        for (const [from, to] of [["from", "to"], ["to", "from"]]) {
          const waiting = [key];
          while (waiting.length) {
            const here = waiting.pop();
            for (const path of paths) {
              if (path.dataset[from] !== here) continue;
              path.classList.add("on");
              if (!reached.has(path.dataset[to])) { reached.add(path.dataset[to]); waiting.push(path.dataset[to]); }
            }
          }
        }
        for (const box of boxes) box.classList.toggle("on", reached.has(box.dataset.key));
        graph.classList.add("lit");
      };
      const clear = () => { graph.classList.remove("lit"); for (const path of paths) path.classList.remove("on"); };
      for (const box of boxes) {
        for (const kind of ["mouseenter", "focus"]) box.addEventListener(kind, () => { clear(); light(box.dataset.key); });
        for (const kind of ["mouseleave", "blur"]) box.addEventListener(kind, clear);
      }
    }
  };

  // --- search: [kind, name, page, told, fields] ---------------------------------------------------------
  const rank = (text, word) => {
    const at = text.indexOf(word);
    if (at < 0) return 0;
    if (text === word) return 9;
    return at === 0 ? 7 : /[^a-z0-9]/.test(text[at - 1]) ? 6 : 3;
  };
  const humps = (name) => name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  const prepare = (entries) => entries.map(([kind, name, page, told, fields]) => ({
    kind, name, page, told, short: name.slice(name.lastIndexOf(".") + 1).toLowerCase(), full: name.toLowerCase(), split: humps(name),
    fields: fields ? fields.split(" ") : [], lower: told.toLowerCase(),
  }));
  const judge = (entry, words) => {
    let score = 0, field = "";
    for (const word of words) {
      const name = Math.max(rank(entry.short, word) * 3, rank(entry.split, word) * 2.6, rank(entry.full, word) * 2);
      let best = 0, which = "";
      for (const each of entry.fields) {
        const path = each.toLowerCase(), here = Math.max(rank(path.slice(path.lastIndexOf(".") + 1), word), rank(path, word) * 0.9);
        if (here > best) { best = here; which = each; }
      }
      const told = rank(entry.lower, word) ? 1 : 0;
      const most = Math.max(name, best * 1.5, told);
      if (!most) return null;
      if (best * 1.5 > name) field = which;
      score += most;
    }
    return { entry, field, score: score + (entry.kind === "event" ? 0.5 : 0) };
  };
  const find = (entries, query) => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    const found = entries.map((entry) => judge(entry, words)).filter(Boolean);
    return found.sort((a, b) => b.score - a.score || (a.entry.full < b.entry.full ? -1 : 1));
  };

  const searching = (input, list, told) => {
    let entries = null, chosen = -1, items = [];
    const load = () => {
      if (entries) return;
      entries = [];
      const source = el("script", { src: root + index });
      source.onload = () => { entries = prepare(window.tallystickSearch); if (input.value) show(); };
      document.head.append(source);
    };
    const choose = (number) => {
      chosen = items.length ? (number + items.length) % items.length : -1;
      items.forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
      if (chosen < 0) { input.removeAttribute("aria-activedescendant"); return; }
      input.setAttribute("aria-activedescendant", items[chosen].id);
      items[chosen].scrollIntoView({ block: "nearest" });
    };
    const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); items = []; choose(-1); };
    const show = () => {
      const all = find(entries || [], input.value);
      if (!input.value.trim()) { close(); told.textContent = ""; return; }
      items = all.slice(0, SHOWN).map(({ entry, field }, at) => {
        const isField = field && entry.kind !== "experiment";
        const told = [isField ? entry.name : "", entry.kind === "experiment" && field ? `reads ${field}` : entry.told];
        const link = el("a", { href: root + encodeURI(entry.page) + (isField ? `#f-${encodeURIComponent(field)}` : ""), tabindex: "-1" },
          el("span", { class: "kind" }, isField ? "field" : entry.kind),
          el("b", {}, isField ? field : entry.name), el("span", { class: "told" }, told.filter(Boolean).join(" · ")));
        const item = el("li", { role: "option", id: `found-${at}`, "aria-selected": "false" }, link);
        item.onmousemove = () => { if (chosen !== at) choose(at); };
        return item;
      });
      list.replaceChildren(...(items.length ? items : [el("li", { class: "none" }, entries && entries.length ? "Nothing has that name." : "Reading the index …")]));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      told.textContent = all.length > SHOWN ? `The best ${SHOWN} of ${all.length} shown` : `${all.length} found`;
      choose(items.length ? 0 : -1);
    };
    const keys = {
      ArrowDown: () => choose(chosen + 1),
      ArrowUp: () => choose(chosen - 1),
      Enter: () => items[chosen] && items[chosen].firstElementChild.click(),
      Escape: () => { if (input.value) { input.value = ""; close(); } else input.blur(); },
    };
    input.addEventListener("focus", load);
    input.addEventListener("input", () => { load(); show(); });
    input.addEventListener("keydown", (event) => { if (keys[event.key]) { event.preventDefault(); keys[event.key](); } });
    input.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== input) close(); }, 150));
    document.addEventListener("keydown", (event) => {
      const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
      if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); input.focus(); input.select(); }
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    const get = (id) => document.getElementById(id);
    switchTheme(get("theme"));
    copyButtons();
    lightGraphs();
    searching(get("search"), get("found"), get("told"));
  });
})();
