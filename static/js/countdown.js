// The seconds in which a text to many can still be taken back. Without this file the server starts it at its next tick.
//
//   [data-countdown=ms] data-say="{n}초 뒤에 보내요" data-say-over
//     [data-countdown-words]   progress   form[data-countdown-over] hears "countdown-over"
//     form[data-countdown-held="되돌리고 있어요"]   sending it holds the countdown and says so: the answer decides
(() => {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  function begin(box) {
    if (box.dataset.begun) return;
    box.dataset.begun = "1";
    const end = performance.now() + Number(box.dataset.countdown), bar = box.querySelector("progress");
    const say = (sentence) => {
      const words = box.querySelector("[data-countdown-words]");
      if (words.textContent !== sentence) words.textContent = sentence;
    };
    const tick = () => {
      if (!box.isConnected) return;
      if (box.dataset.held) return say(box.dataset.held);
      const left = Math.max(end - performance.now(), 0), seconds = Math.ceil(left / 1000);
      bar.value = calm.matches ? seconds * 1000 : left;
      if (!left) {
        say(box.dataset.sayOver);
        return htmx.trigger(box.querySelector("[data-countdown-over]"), "countdown-over");
      }
      say(box.dataset.say.replace("{n}", seconds));
      setTimeout(tick, calm.matches ? left % 1000 || 1000 : 60);
    };
    tick();
  }
  const beginAll = () => document.querySelectorAll("[data-countdown]").forEach(begin);
  document.addEventListener("submit", (e) => {
    const box = e.target.matches("[data-countdown-held]") && e.target.closest("[data-countdown]");
    if (box) box.dataset.held = e.target.dataset.countdownHeld;
  });
  document.addEventListener("htmx:afterSettle", beginAll);
  beginAll();
})();
