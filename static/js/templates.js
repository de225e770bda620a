// Picking a kept text on the compose page: button[data-use-template] in the dialog puts its words where they are written.
(() => {
  const form = document.querySelector("form[data-compose]");
  if (!form) return;
  const changed = (input) => ["input", "change"].forEach((kind) => input.dispatchEvent(new Event(kind, { bubbles: true })));
  document.addEventListener("click", (e) => {
    const picked = e.target.closest("[data-use-template]");
    if (!picked) return;
    picked.closest("dialog")?.close();
    const area = form.querySelector("[data-text]"), title = form.querySelector("[data-title]"), ad = form.querySelector("[data-ad]");
    area.focus();
    area.select();
    // insertText, though old, is the one way that keeps undo: what stood there comes back with Ctrl+Z.
    if (!document.execCommand("insertText", false, picked.dataset.body)) area.value = picked.dataset.body;
    if (title) title.value = picked.dataset.title;
    if (ad) ad.checked = "asAd" in picked.dataset;
    [area, title, ad].filter(Boolean).forEach(changed);
  });
})();
