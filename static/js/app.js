// Behaviour of the whole site. No inline handlers, no eval: everything is delegated from here, bound to data-attributes.
//
//   details.menu                       closes on a press outside and on Escape
//   form.select-form                   rows with .check in tbody, [data-check-all], hidden input[name=scope] (page|all),
//                                      [data-selected-count], [data-select-scope=all|none]; [data-total] = how many match
//   [data-dialog-open=id] [data-dialog-close] dialog[data-dialog-auto]
//   [data-confirm="sentence"]          on a form or a button (also with hx-post): asks first; data-confirm-ok names the button
//   [data-copy=text]                   copies
//   [data-autosubmit]                  a control or form that submits itself on change
//   form[data-once]                    can be sent once; an empty input[data-once-key] is filled with a one-time key
//   label.drop [data-file-name]        shows the chosen file's name
//   [data-hotkey="/"]                  focused by that key
//   HX-Trigger: {"toast": {"text": "…", "level": "success|info|warning|error"}} shows a toast
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const said = (name) => document.body.dataset[name] || "";
  const comma = (n) => n.toLocaleString("ko-KR");

  // Toasts ----------------------------------------------------------------------------------------------------------
  function toast(text, level = "success") {
    const piece = $("#toast-template")?.content.firstElementChild.cloneNode(true);
    if (!piece || !text) return;
    piece.className = `toast ${level}`;
    $("span", piece).textContent = text;
    $("#toasts").append(piece);
  }
  for (const name of ["toast", "refused"]) {
    document.addEventListener(name, (e) => toast(e.detail.text ?? e.detail.value, e.detail.level));
  }
  document.addEventListener("animationend", (e) => e.animationName === "toast" && e.target.remove());
  document.addEventListener("htmx:sendError", () => toast(said("saidOffline"), "error"));
  document.addEventListener("htmx:timeout", () => toast(said("saidOffline"), "error"));
  document.addEventListener("htmx:responseError", (e) => {
    if (e.detail.xhr.getResponseHeader("HX-Trigger")?.includes('"refused"')) return; // it says itself what is wrong
    const id = e.detail.xhr.getResponseHeader("X-Request-ID");
    toast(said("saidFailed") + (id ? ` (${id.slice(0, 8)})` : ""), "error");
  });

  // Selecting rows --------------------------------------------------------------------------------------------------
  const boxes = (form) => $$("tbody .check", form);
  function count(form) {
    const picked = boxes(form).filter((b) => b.checked).length;
    const all = $("[data-check-all]", form), scope = $("input[name=scope]", form);
    if (all) {
      all.checked = picked > 0 && picked === boxes(form).length;
      all.indeterminate = picked > 0 && !all.checked;
    }
    if (scope && !all?.checked) scope.value = "page";
    form.dataset.scope = scope?.value === "all" ? "all" : "page";
    const total = Number($("[data-total]", form)?.dataset.total ?? picked);
    $$("[data-selected-count]", form).forEach((n) => (n.textContent = comma(form.dataset.scope === "all" ? total : picked)));
  }
  const countAll = () => $$(".select-form").forEach(count);
  let last = null; // shift and press selects a range, as in a mail client
  function pick(box, shift) {
    const form = box.closest(".select-form");
    if (!form) return;
    const list = boxes(form);
    if (shift && last && list.includes(last)) {
      const [a, b] = [list.indexOf(last), list.indexOf(box)].sort((x, y) => x - y);
      list.slice(a, b + 1).forEach((x) => (x.checked = box.checked));
    }
    last = box;
    count(form);
  }
  function rescope(button) {
    const form = button.closest(".select-form");
    if (button.dataset.selectScope === "all") $("input[name=scope]", form).value = "all";
    else $$(".check", form).forEach((b) => (b.checked = false));
    count(form);
  }

  // Dialogs ---------------------------------------------------------------------------------------------------------
  const openAuto = () => $$("dialog[data-dialog-auto]:not([open])").forEach((d) => { d.removeAttribute("data-dialog-auto"); d.showModal(); });
  function ask(sentence, ok) {
    const box = $("#confirm"), yes = $("[data-confirm-yes]", box);
    $("#confirm-text").textContent = sentence;
    yes.textContent = ok || yes.dataset.word;
    box.returnValue = "no";
    box.showModal();
    return new Promise((done) => box.addEventListener("close", () => done(box.returnValue === "yes"), { once: true }));
  }
  document.addEventListener("htmx:confirm", async (e) => {
    const { elt, triggeringEvent } = e.detail;
    const source = [triggeringEvent?.submitter, elt].find((x) => x?.matches?.("[data-confirm]"));
    if (!source) return;
    e.preventDefault();
    if (await ask(source.dataset.confirm, source.dataset.confirmOk)) e.detail.issueRequest(true);
    else if (elt.matches("form[data-once]")) free(elt);
  });
  // A session that ended answers with the log-in page: go there whole instead of showing it inside a card.
  document.addEventListener("htmx:beforeSwap", (e) => {
    const came = new URL(e.detail.xhr.responseURL || location.href, location.href).pathname;
    if (!came.startsWith("/accounts/login") || location.pathname.startsWith("/accounts/")) return;
    e.detail.shouldSwap = false;
    location.assign(`${came}?next=${encodeURIComponent(location.pathname + location.search)}`);
  });

  // Presses ---------------------------------------------------------------------------------------------------------
  document.addEventListener("click", (e) => {
    const near = (selector) => e.target.closest(selector);
    const box = near("tbody .check");
    if (box) pick(box, e.shiftKey);
    if (near("[data-select-scope]")) rescope(near("[data-select-scope]"));
    if (near("[data-dialog-open]")) document.getElementById(near("[data-dialog-open]").dataset.dialogOpen)?.showModal();
    if (near("[data-dialog-close]")) near("dialog")?.close();
    if (e.target.matches("dialog.dialog")) e.target.close(); // the backdrop
    if (near("[data-toast-close]")) near(".toast").remove();
    if (near("[data-copy]")) copy(near("[data-copy]").dataset.copy);
    $$("details.menu[open]").forEach((d) => d.contains(e.target) || (d.open = false));
  });
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // no permission, or a page that is not https: the old way
      const area = Object.assign(document.createElement("textarea"), { value: text, className: "sr-only" });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    toast(said("saidCopied"));
  }

  document.addEventListener("change", (e) => {
    const t = e.target;
    if (t.matches("[data-check-all]")) {
      const form = t.closest(".select-form");
      boxes(form).forEach((b) => (b.checked = t.checked));
      count(form);
    }
    if (t.matches('.drop input[type="file"]')) {
      const name = $("[data-file-name]", t.closest(".drop"));
      if (name && t.files.length) name.textContent = [...t.files].map((f) => f.name).join(", ");
    }
    if (t.closest("[data-autosubmit]")) t.form?.requestSubmit();
  });
  for (const [kind, on] of [["dragover", true], ["dragleave", false], ["drop", false]])
    document.addEventListener(kind, (e) => e.target.closest?.(".drop")?.classList.toggle("over", on));

  document.addEventListener("keydown", (e) => {
    if (e.isComposing) return; // a Hangul syllable is still being typed
    if (e.key === "Escape") {
      const menu = $("details.menu[open]");
      if (menu) { menu.open = false; return void $("summary", menu).focus(); }
      if (!$("dialog[open]")) $('.select-form [data-select-scope="none"]')?.click();
    }
    if (e.metaKey || e.ctrlKey || e.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName)) return;
    const target = $(`[data-hotkey="${CSS.escape(e.key)}"]`);
    if (target && !$("dialog[open]")) { e.preventDefault(); target.focus(); }
  });

  // Submits ---------------------------------------------------------------------------------------------------------
  const key = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  const fillKeys = () => $$("input[data-once-key]").forEach((i) => (i.value ||= key()));
  const free = (form) => { delete form.dataset.sent; $$("[data-sending]", form).forEach((b) => b.removeAttribute("data-sending")); };

  document.addEventListener("submit", (e) => {
    const form = e.target, source = e.submitter?.matches("[data-confirm]") ? e.submitter : form;
    const byHtmx = form.matches("[hx-post], [hx-get], [hx-put], [hx-delete]") || e.submitter?.matches("[hx-post], [hx-get]");
    if (form.matches(".theme-switch") && e.submitter) return changeTheme(e);
    if (source.dataset.confirm && !byHtmx && !form.dataset.asked) {
      e.preventDefault();
      return void ask(source.dataset.confirm, source.dataset.confirmOk).then((yes) => {
        if (!yes) return;
        form.dataset.asked = "1";
        form.requestSubmit(e.submitter);
        delete form.dataset.asked;
      });
    }
    if (!form.matches("[data-once]") || e.defaultPrevented && !byHtmx) return;
    if (form.dataset.sent) { e.preventDefault(); return void e.stopImmediatePropagation(); }
    form.dataset.sent = "1";
    // aria only: a disabled button would not be part of the form's data any more.
    (e.submitter ?? $("[type=submit], button:not([type])", form))?.setAttribute("data-sending", "");
  }, true);
  document.addEventListener("htmx:afterRequest", (e) => e.target.closest?.("form[data-once]") && free(e.target.closest("form[data-once]")));
  window.addEventListener("pageshow", (e) => e.persisted && $$("form[data-once]").forEach(free)); // the back button

  // Theme: at once in the page, remembered in a cookie that the server reads, so no page flashes.
  function changeTheme(e) {
    e.preventDefault();
    const value = e.submitter.value, body = new FormData(e.target);
    document.documentElement.dataset.theme = value;
    $$(".theme-switch button").forEach((b) => b.setAttribute("aria-pressed", String(b.value === value)));
    body.set("theme", value);
    fetch(e.target.action, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => {});
  }

  // Chart tooltips. Positions go through the CSSOM, which a strict CSP allows.
  document.addEventListener("pointerover", (e) => {
    const wrap = e.target.closest?.("[data-chart]");
    $$("[data-chart] .tip.on").forEach((t) => wrap?.contains(t) || t.classList.remove("on"));
    const tip = wrap && $(".tip", wrap), column = e.target.closest?.(".col");
    if (!tip) return;
    if (!column) return void tip.classList.remove("on");
    const title = Object.assign(document.createElement("b"), { textContent: column.dataset.tipTitle });
    tip.replaceChildren(title, ...column.dataset.tip.split(" · ").flatMap((t) => [t, document.createElement("br")]).slice(0, -1));
    const w = wrap.getBoundingClientRect(), c = $(".hit", column).getBoundingClientRect();
    const x = Math.max(0, Math.min(c.left + c.width / 2 - w.left - tip.offsetWidth / 2, w.width - tip.offsetWidth));
    tip.style.translate = `${x}px ${c.top - w.top - 6}px`;
    tip.classList.add("on");
  });

  const settle = () => { countAll(); fillKeys(); openAuto(); };
  document.addEventListener("htmx:afterSettle", settle);
  settle();
})();
