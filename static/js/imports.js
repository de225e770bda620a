// The preview of an import: saving asks first where something was typed or chosen that was not read again yet.
(() => {
  document.addEventListener("input", (e) => {
    const apply = document.querySelector("form[data-apply]");
    if (apply && e.target.closest("form[data-repair], form[data-correct]")) apply.dataset.confirm = apply.dataset.sayUnread;
  });
})();
