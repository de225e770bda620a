// A tablet for check-in: digits, a camera or a USB scanner; one request at a time, each with a key of its own, so that
// one that is sent again after a lost answer is still one visit. Nothing of a person is kept after the answer has gone.
(() => {
  const root = document.querySelector("[data-kiosk]");
  if (!root) return;
  const $ = (name) => root.querySelector(`[data-${name}]`);
  const TYPED = 250, ANSWER = 4500, IDLE = 20000, RETRY = 2000, FOUR = 4, EIGHT = 8, CODE = 27;
  let digits = "", wanted = FOUR, timer = 0, typing = 0, pending = null, stream = null, looking = 0, sound = false;

  const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

  // Screens ---------------------------------------------------------------------------------------------------------
  function show(name, after = 0) {
    root.dataset.screen = name;
    clearTimeout(timer);
    if (after) timer = setTimeout(home, after);
    if (name !== "camera") stopCamera();
  }
  function home() {
    digits = "";
    wanted = FOUR;
    $("title").textContent = root.dataset.saidPad;
    hint("");
    draw();
    $("people").replaceChildren();
    $("say").textContent = $("sub").textContent = $("asked").textContent = "";
    show("pad");
  }
  const hint = (text) => ($("hint").textContent = text);
  function draw() {
    $("digits").textContent = [...Array(wanted).keys()].map((i) => digits[i] ?? "_").join("");
  }
  function answer(body, good) {
    digits = "";
    $("say").textContent = body.say || "";
    $("sub").textContent = body.sub || "";
    root.dataset.tone = body.tone || (good ? "green" : "amber");
    show("answer", ANSWER);
    if (sound) beep(good);
  }

  // Talking to the server -------------------------------------------------------------------------------------------
  async function ask(url, data, then) {
    if (pending) return;
    pending = { url, data, then };
    await send();
  }
  async function send() {
    const mine = pending;
    if (!mine) return;
    $("busy").hidden = false;
    try {
      const response = await fetch(mine.url, { method: "POST", body: new URLSearchParams(mine.data), headers: { Accept: "application/json" }, signal: AbortSignal.timeout(8000) });
      if (response.status >= 500) throw new Error("server");
      const body = await response.json();
      if (pending !== mine) return;
      settled();
      mine.then(body, response.ok);
    } catch { // no network, no server, half an answer: the same request goes again, with the same key
      if (pending !== mine) return;
      $("offline").hidden = false;
      $("busy").hidden = true;
      setTimeout(send, RETRY);
    }
  }
  function settled() {
    pending = null;
    $("offline").hidden = $("busy").hidden = true;
  }

  function look() {
    if (digits.length < FOUR) return;
    ask(root.dataset.look, { digits }, (body, ok) => {
      if (body.more) {
        wanted = EIGHT;
        digits = "";
        $("title").textContent = root.dataset.saidEight;
        hint(body.say);
        draw();
        clearTimeout(timer);
        timer = setTimeout(home, IDLE);
      } else if (ok && body.people) choose(body.people);
      else answer(body, false);
    });
  }
  function choose(people) {
    const template = $("person");
    $("people").replaceChildren(...people.map((one) => {
      const button = template.content.firstElementChild.cloneNode(true);
      button.querySelector("b").textContent = one.name;
      button.querySelector("span").textContent = one.phone;
      const key = newKey();
      button.addEventListener("click", () => checkIn({ ticket: one.ticket, key }));
      return button;
    }));
    show("choose", IDLE);
  }
  const checkIn = (data) => ask(root.dataset.in, data, (body, ok) => {
    if (!body.ask) return answer(body, ok);
    $("asked").textContent = body.say; // a second session of one day is used only by who says so
    $("sure").onclick = () => checkIn({ ...data, sure: "1" });
    root.dataset.tone = "amber";
    show("sure", IDLE);
  });

  // Digits: fingers, a keyboard, or a scanner that types a code and then Enter ---------------------------------------
  function press(key) {
    if (pending) return;
    if (["answer", "sure"].includes(root.dataset.screen)) home();
    if (root.dataset.screen !== "pad") return;
    clearTimeout(typing);
    clearTimeout(timer);
    if (key === "clear") digits = "";
    else if (key === "back") digits = digits.slice(0, -1);
    else if (digits.length < CODE) digits += key;
    if (digits.length <= wanted) draw();
    hint("");
    // A scanner is faster than this wait; a person is done by the fourth digit.
    if (digits.length === wanted) typing = setTimeout(look, TYPED);
    else if (digits) timer = setTimeout(home, IDLE);
  }
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const digit = /^(?:Digit|Numpad)([0-9])$/.exec(e.code)?.[1] ?? (/^[0-9]$/.test(e.key) ? e.key : "");
    if (digit) { e.preventDefault(); press(digit); }
    else if (e.key === "Backspace") press("back");
    else if (e.key === "Escape") home();
    else if (e.key === "Enter" && digits.length > EIGHT) {
      e.preventDefault();
      clearTimeout(typing);
      const code = digits;
      digits = "";
      draw();
      checkIn({ code, key: newKey() });
    }
  });
  root.addEventListener("click", (e) => {
    const key = e.target.closest("[data-key]");
    if (key) { key.blur(); press(key.dataset.key); } // else Enter of a scanner would press it again
    if (e.target.closest("[data-home]")) home();
    if (e.target.closest("[data-cancel]")) { settled(); home(); }
    if (e.target.closest("[data-camera]")) startCamera();
    const loud = e.target.closest("[data-sound]");
    if (loud) { sound = !sound; loud.setAttribute("aria-pressed", String(sound)); loud.blur(); if (sound) beep(true); }
  });

  // Camera ----------------------------------------------------------------------------------------------------------
  const canvas = document.createElement("canvas"), paper = canvas.getContext("2d", { willReadFrequently: true });
  async function startCamera() {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: 1280 } }, audio: false });
    } catch {
      home();
      return hint(root.dataset.saidCamera);
    }
    const video = $("video");
    video.srcObject = stream;
    await video.play().catch(() => {});
    show("camera", IDLE * 2);
    looking = setInterval(read, 160);
  }
  function read() {
    const video = $("video");
    if (!stream || pending || video.readyState < 2) return;
    const scale = Math.min(1, 640 / video.videoWidth);
    canvas.width = video.videoWidth * scale;
    canvas.height = video.videoHeight * scale;
    paper.drawImage(video, 0, 0, canvas.width, canvas.height);
    const found = window.jsQR(paper.getImageData(0, 0, canvas.width, canvas.height).data, canvas.width, canvas.height, { inversionAttempts: "dontInvert" });
    if (!found?.data) return;
    stopCamera();
    checkIn({ code: found.data.slice(0, 64), key: newKey() });
  }
  function stopCamera() {
    clearInterval(looking);
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    $("video").srcObject = null;
  }
  $("camera").hidden = !(window.jsQR && navigator.mediaDevices?.getUserMedia);

  // Sound, clock, and a screen that stays on -------------------------------------------------------------------------
  function beep(good) {
    const audio = new AudioContext(), tone = audio.createOscillator(), gain = audio.createGain();
    tone.frequency.value = good ? 880 : 330;
    gain.gain.value = 0.08;
    tone.connect(gain).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.14);
    tone.onended = () => audio.close();
  }
  const clock = new Intl.DateTimeFormat("ko-KR", { hour: "numeric", minute: "2-digit", timeZone: "Asia/Seoul" });
  const tick = () => ($("clock").textContent = clock.format(new Date()));
  setInterval(tick, 10000);
  tick();
  const awake = () => navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && awake());
  awake();
  window.addEventListener("offline", () => ($("offline").hidden = false));
  window.addEventListener("online", () => { $("offline").hidden = true; send(); });
  home();
})();
