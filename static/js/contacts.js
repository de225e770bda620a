// Rows of contacts in the member's form: more of them, and fewer. Without this the form offers two empty rows each time.
(() => {
  const box = document.querySelector("[data-contacts]");
  if (!box) return;
  const rows = () => [...box.querySelectorAll("[data-contact-row]")];
  const add = box.querySelector("[data-contact-add]"), most = Number(box.dataset.most);
  let next = rows().length;

  const inputs = (row) => [...row.querySelectorAll("input:not([type=checkbox])")];
  function tidy() {
    add.hidden = rows().length >= most;
    rows().forEach((row) => (row.querySelector("[data-contact-remove]").hidden = false));
  }
  function more() {
    const fresh = rows().at(-1).cloneNode(true);
    fresh.querySelectorAll("[name]").forEach((field) => (field.name = field.name.replace(/-\d+-/, `-${next}-`)));
    inputs(fresh).forEach((field) => (field.value = ""));
    fresh.querySelectorAll("[type=checkbox]").forEach((field) => (field.checked = true));
    next += 1;
    rows().at(-1).after(fresh);
    tidy();
    return fresh;
  }
  box.addEventListener("click", (e) => {
    if (e.target.closest("[data-contact-add]")) more().querySelector("select").focus();
    const gone = e.target.closest("[data-contact-remove]")?.closest("[data-contact-row]");
    if (!gone) return;
    if (rows().length === 1) more();
    gone.remove();
    tidy();
  });
  // One empty row is enough where more can be had.
  const blank = rows().filter((row) => inputs(row).every((field) => !field.value));
  blank.slice(1).forEach((row) => row.remove());
  tidy();
})();
