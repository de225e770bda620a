// Who gets the text, and keeping what is typed. Works beside compose.js on the same form[data-compose].
//
//   [data-people-find]        the search box; its htmx answer holds button[data-add-member][data-id][data-name][data-phone]
//   [data-chips] [data-except-chips]   chosen and left-out people as .chip with a hidden input; [data-except] hides when empty
//   [data-chip-remove]        takes one off      [data-chips-more]  unfolds a long list
//   [data-append-phones]      in an answer of the server: numbers of a file, put under the pasted ones
//   [data-samples-now]        in the quote: real people to preview with   [data-sample-except]  leaves the shown one out
//   [data-later] [data-sched], [data-each] [data-each-field]: a switch and the fields it shows; [name=sender] also stands on the phone
// Fires "compose-changed" on the form when something that matters for the quote or the draft has changed.
(() => {
  const form = document.querySelector("form[data-compose]");
  if (!form) return;
  const $ = (selector, root = form) => root.querySelector(selector);
  const $$ = (selector, root = form) => [...root.querySelectorAll(selector)];
  const FOLD = 24;
  let sent = false, dirty = false;

  const changed = () => { dirty = true; form.dispatchEvent(new CustomEvent("compose-changed", { bubbles: true })); };

  // Chips -----------------------------------------------------------------------------------------------------------
  function chip(person, name) {
    const piece = document.getElementById("chip-template").content.firstElementChild.cloneNode(true);
    const input = $("input", piece);
    Object.assign(input, { name, value: person.id });
    $("span", piece).textContent = person.name;
    $("small", piece).textContent = person.phone;
    const remove = $("button", piece);
    remove.setAttribute("aria-label", remove.dataset.say.replace("{name}", person.name));
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
    $("[data-except]").hidden = $$("[data-except-chips] .chip").length === 0;
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
    if (near("[data-chip-remove]")) { near(".chip").remove(); fold(); changed(); }
    if (near("[data-chips-more]")) { unfolded = true; fold(); }
    if (near("[data-sample-except]") && form.dataset.sampleId) add({ id: form.dataset.sampleId, name: form.dataset.sampleOf, phone: "" }, "except_members");
    if (!near(".people")) show(false);
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
  let open = {};
  document.addEventListener("toggle", (e) => { if (e.target.dataset?.keep) open[e.target.dataset.keep] = e.target.open; }, true);
  function hear(quote) {
    if (quote.dataset.samplesNow && quote.dataset.samplesNow !== form.dataset.samples) form.dataset.samples = quote.dataset.samplesNow;
    $("[data-to-count]").textContent = quote.dataset.toWords || "";
    $$("details[data-keep]", quote).forEach((d) => { if (open[d.dataset.keep]) d.open = true; });
  }

  // Small switches --------------------------------------------------------------------------------------------------------
  form.addEventListener("input", (e) => {
    if (e.target.matches("[data-later]")) $("[data-sched]").hidden = !e.target.checked;
    if (e.target.matches("[data-each]")) $("[data-each-field]").hidden = !e.target.checked;
    if (e.target.matches("[name=sender]")) $(".phone .peer > span:last-child").textContent = e.target.selectedOptions[0].textContent.split(" · ")[0].split(" (")[0];
    if (!e.target.matches("[data-quiet]")) changed();
  });
  form.addEventListener("keydown", (e) => {
    // Enter in a one-line field is a habit of forms, not the wish to text hundreds of people.
    if (e.key === "Enter" && e.target.matches("input:not([type=checkbox])")) e.preventDefault();
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
  window.addEventListener("pageshow", (e) => e.persisted && (sent = false));

  fold();
})();
