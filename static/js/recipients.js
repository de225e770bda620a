// Who gets the text, and keeping what is typed. Works beside compose.js on the same form[data-compose].
//
//   [data-people-find]        the search box; its htmx answer holds button[data-add-member][data-id][data-name][data-phone]
//   [data-chips] [data-except-chips]   chosen and left-out people as .chip with a hidden input; [data-except] hides when empty
//   [data-chip-remove]        takes one off      [data-chips-more]  unfolds a long list
//   [data-except-group] (checkboxes) and #except-phones in the dialog: shown as chips in [data-except-others]
//   [data-reason]             names who is left out; input[data-fix-number="as typed"] with [data-fix-apply] [data-fix-drop]
//                             mends a wrong pasted number, [data-fix-member] leads to a member's page in another tab
//   [data-append-phones]      in an answer of the server: numbers of a file, put under the pasted ones
//   [data-samples-now]        in the quote: real people to preview with   [data-sample-except]  leaves the shown one out
//   [data-later] [data-sched], [data-until] [data-until-field], [data-each] [data-each-field]: a switch and the fields it shows; [name=sender] also stands on the phone
//   [data-to-count]           how many are reached: counted at once on "compose-people", then as the quote says
// Fires "compose-changed" on the form when something that matters for the quote or the draft has changed, with it
// "compose-people" where that was whom it goes to, and
// "compose-restored" where the browser brought back what was typed (Back, reload): to be counted, but no draft yet.
(() => {
  const form = document.querySelector("form[data-compose]");
  if (!form) return;
  const $ = (selector, root = form) => root.querySelector(selector);
  const $$ = (selector, root = form) => [...root.querySelectorAll(selector)];
  const FOLD = 24;
  let sent = false, dirty = false;

  const PEOPLE = /^(all|unpaid|groups|segments|members|phones|via|except_.*|ad|each)$/;
  const whom = () => new URLSearchParams([...new FormData(form)].filter(([name]) => PEOPLE.test(name))).toString();
  const say = (name) => form.dispatchEvent(new CustomEvent(name, { bubbles: true }));
  let picked = "";
  const changed = () => {
    const before = picked;
    picked = whom();
    dirty = true;
    if (picked !== before) say("compose-people");
    say("compose-changed");
  };

  // Chips -----------------------------------------------------------------------------------------------------------
  function chip(person, name) {
    const piece = document.getElementById("chip-template").content.firstElementChild.cloneNode(true);
    const input = $("input", piece);
    Object.assign(input, { name, value: person.id });
    $("span", piece).textContent = person.name;
    $("small", piece).textContent = person.phone;
    const remove = $("button", piece);
    remove.setAttribute("aria-label", (name === "members" ? remove.dataset.say : remove.dataset.sayBack).replace("{name}", person.name));
    piece.classList.toggle("off", name === "except_members");
    return piece;
  }
  const holds = (name, id) => $$(`input[name=${name}]`).find((i) => i.value === id);
  function add(person, name) {
    const other = holds(name === "members" ? "except_members" : "members", person.id);
    other?.closest(".chip").remove();
    if (!holds(name, person.id)) $(name === "members" ? "[data-chips]" : "[data-except-chips]").append(chip(person, name));
    fold();
    changed();
  }
  let unfolded = false;
  function fold() {
    const chips = $$("[data-chips] .chip"), more = $("[data-chips-more]");
    chips.forEach((c, i) => (c.hidden = !unfolded && chips.length > FOLD + 4 && i >= FOLD));
    const rest = chips.filter((c) => c.hidden).length;
    more.hidden = rest === 0;
    more.textContent = more.dataset.say.replace("{n}", rest.toLocaleString("ko-KR"));
    leaveOut();
    remember();
    $("[data-except]").hidden = $$("[data-except] .chip").length === 0;
  }
  /** Groups and pasted numbers of the dialog, as chips in the page. */
  function leaveOut() {
    const chips = $$("[data-except-group]:checked", document).map((box) => {
      const piece = chip({ id: "", name: box.dataset.exceptGroup, phone: "" }, "except_members");
      $("input", piece).remove();
      piece.dataset.group = `${box.name}:${box.value}`;
      return piece;
    });
    const lines = document.getElementById("except-phones").value.split("\n").filter((line) => line.trim()).length;
    if (lines) {
      const piece = chip({ id: "", name: "", phone: "" }, "except_members"), say = $("button", piece).dataset.sayLines.replace("{n}", lines.toLocaleString("ko-KR"));
      const open = Object.assign(document.createElement("button"), { type: "button", className: "chip off", textContent: say });
      open.dataset.dialogOpen = "who";
      piece.replaceChildren(open);
      piece.className = "";
      chips.push(piece);
    }
    $("[data-except-others]").replaceChildren(...chips);
  }

  // Finding -----------------------------------------------------------------------------------------------------------
  const find = $("[data-people-find]"), found = document.getElementById("people-found");
  const options = () => $$("[data-add-member]", found);
  function show(open) {
    found.hidden = !open;
    find.setAttribute("aria-expanded", String(open));
    if (!open) find.removeAttribute("aria-activedescendant");
  }
  function mark(option) {
    options().forEach((o) => o.setAttribute("aria-selected", String(o === option)));
    if (option) { find.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
  }
  function take(option) {
    add({ ...option.dataset }, option.closest("#except-found") ? "except_members" : "members");
    if (!option.closest("#people-found")) return void (option.disabled = true);
    find.value = "";
    show(false);
    find.focus();
  }
  find.addEventListener("keydown", (e) => {
    if (e.isComposing) return; // a Hangul syllable is still being typed
    const list = options(), at = list.findIndex((o) => o.getAttribute("aria-selected") === "true");
    if (e.key === "Enter") {
      e.preventDefault(); // never submits the text
      if (!found.hidden && list.length) take(list[Math.max(at, 0)]);
    } else if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      if (list.length) mark(list[(at + (e.key === "ArrowDown" ? 1 : list.length - 1) + list.length) % list.length]);
    } else if (e.key === "Escape" && !found.hidden) {
      e.preventDefault();
      show(false);
    } else if (e.key === "Backspace" && !find.value) {
      const last = $$("[data-chips] .chip").at(-1);
      if (last) { last.remove(); fold(); changed(); }
    }
  });
  find.addEventListener("focus", () => options().length && find.value && show(true));

  document.addEventListener("click", (e) => {
    const near = (selector) => e.target.closest(selector);
    if (near("[data-add-member]")) return take(near("[data-add-member]"));
    if (near("[data-chip-remove]")) {
      const box = $$("[data-except-group]", document).find((b) => `${b.name}:${b.value}` === near(".chip").dataset.group);
      if (box) box.checked = false;
      near(".chip").remove();
      fold();
      changed();
    }
    if (near("[data-reason]")) reason = near("[data-reason]").dataset.reason;
    if (near("[data-fix-apply]")) mend(near("li"), $("[data-fix-number]", near("li")).value);
    if (near("[data-fix-drop]")) mend(near("li"), "");
    if (near("[data-fix-member]")) elsewhere = true;
    if (near("[data-chips-more]")) { unfolded = true; fold(); }
    if (near("[data-sample-except]") && form.dataset.sampleId) add({ id: form.dataset.sampleId, name: form.dataset.sampleOf, phone: "" }, "except_members");
    if (!near(".people")) show(false);
  });

  // A wrong number among the pasted ones, mended where it is named --------------------------------------------------------
  let reason = "", elsewhere = false;
  function mend(row, now) {
    const area = $("[name=phones]"), typed = $("[data-fix-number]", row).dataset.fixNumber;
    const whole = new RegExp(`(?<!\\d)${typed.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}${typed.length < 40 ? "(?!\\d)" : ""}`);
    const lines = area.value.split("\n"), at = lines.findIndex((line) => whole.test(line));
    if (at < 0) return;
    const after = lines[at].replace(whole, () => now.trim());
    lines.splice(at, 1, ...(now.trim() || /\d{4}/.test(after) ? [after] : []));
    area.value = lines.join("\n");
    row.hidden = true;
    changed();
  }
  // Back from a member's page, where the number was mended.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && elsewhere) { elsewhere = false; changed(); }
  });

  // Answers of the server ------------------------------------------------------------------------------------------------
  document.addEventListener("htmx:afterSwap", (e) => {
    if (e.target.id === "people-found") { show(find.value.trim() !== ""); mark(options()[0]); }
    const more = e.target.querySelector?.("[data-append-phones]");
    if (more) {
      const area = $("[name=phones]");
      area.value = [area.value.trimEnd(), more.value].filter(Boolean).join("\n");
      more.remove();
      changed();
    }
    // What was open stays open when the quote comes anew.
    const quote = document.getElementById("quote");
    if (quote && e.target.id !== "people-found") hear(quote);
  });
  let open = {}, heard = null, counted = document.getElementById("quote");
  document.addEventListener("toggle", (e) => { if (e.target.dataset?.keep) open[e.target.dataset.keep] = e.target.open; }, true);
  function hear(quote) {
    if (quote.dataset.samplesNow && quote.dataset.samplesNow !== form.dataset.samples) form.dataset.samples = quote.dataset.samplesNow;
    // Only a new quote knows better than the count that came since the old one.
    if (quote !== counted) $("[data-to-count]").textContent = quote.dataset.toWords || "";
    counted = quote;
    $$("details[data-keep]", quote).forEach((d) => { if (open[d.dataset.keep]) d.open = true; });
  }

  // The names under a reason are asked for anew; only now does htmx hear a click on a new quote.
  document.addEventListener("htmx:afterSettle", () => {
    const quote = document.getElementById("quote");
    if (quote === heard) return;
    heard = quote;
    if (open.excluded) $$("[data-reason]", quote).find((row) => row.dataset.reason === reason)?.click();
  });

  // Back to the page ------------------------------------------------------------------------------------------------------
  // The browser brings the fields back, but no chips: those stand in its history beside them.
  const chipsOf = (name) => $$(`.chip input[name=${name}]`).map((i) => ({ id: i.value, name: $("span", i.parentNode).textContent, phone: $("small", i.parentNode).textContent }));
  function remember() {
    const chips = { members: chipsOf("members"), except_members: chipsOf("except_members") };
    if (JSON.stringify(chips) !== JSON.stringify(history.state?.chips)) history.replaceState({ ...history.state, chips }, "");
  }
  function bringBack(chips) {
    for (const [name, at] of [["members", "[data-chips]"], ["except_members", "[data-except-chips]"]]) {
      $$(`.chip input[name=${name}]`).forEach((i) => i.closest(".chip").remove());
      $(at).append(...chips[name].map((person) => chip(person, name)));
    }
  }
  const again = performance.getEntriesByType("navigation")[0]?.type !== "navigate", before = history.state?.chips;
  window.addEventListener("pageshow", (e) => {
    if (e.persisted) return void (sent = false); // the page itself is back, with its bill
    if (!again) return;
    if (before) bringBack(before);
    if ($("[name=phones]").value) $("[name=phones]").closest("details").open = true;
    fold();
    $$("[data-later], [data-until], [data-each], [name=sender]").forEach(follow);
    form.dispatchEvent(new CustomEvent("compose-restored", { bubbles: true }));
  });

  // Small switches --------------------------------------------------------------------------------------------------------
  function follow(field) {
    if (field.matches("[data-later]")) $$("[data-sched]").forEach((part) => (part.hidden = !field.checked));
    if (field.matches("[data-until]")) $("[data-until-field]").hidden = !field.checked;
    if (field.matches("[data-each]")) $("[data-each-field]").hidden = !field.checked;
    if (field.matches("[name=sender]")) $(".phone .peer > span:last-child").textContent = field.selectedOptions[0].textContent.split(" · ")[0].split(" (")[0];
  }
  form.addEventListener("input", (e) => {
    follow(e.target);
    if (!e.target.matches("[data-quiet]")) changed();
  });
  form.addEventListener("keydown", (e) => {
    // Enter in a one-line field is a habit of forms, not the wish to text hundreds of people.
    if (e.key === "Enter" && e.target.matches("input:not([type=checkbox])")) e.preventDefault();
    if (e.key === "Enter" && !e.isComposing && e.target.matches("[data-fix-number]")) mend(e.target.closest("li"), e.target.value);
  });
  document.querySelector("[data-except-form]").addEventListener("input", (e) => {
    if (e.target.form === form) { fold(); changed(); } // it stands in the dialog, and belongs to the form
  });
  document.getElementById("except-q")?.addEventListener("keydown", (e) => e.key === "Enter" && e.preventDefault());

  // A tab that is closed within the second before the draft is kept.
  form.addEventListener("submit", () => (sent = true));
  document.addEventListener("htmx:afterRequest", (e) => { if (e.detail.successful && e.detail.pathInfo?.requestPath === form.dataset.draftUrl) dirty = false; });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || sent || !dirty) return;
    const data = new FormData(form);
    data.delete("file");
    navigator.sendBeacon(form.dataset.draftUrl, data);
  });

  fold();
})();
