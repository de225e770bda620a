// Live byte counter and phone preview of the compose page; the server decides, this only shows it while typing.
//
// The page binds itself by data-attributes; all but the first two may be left out:
//   form[data-compose]
//     data-samples='[{"label": "김민준 010-12••-5678", "fields": {"이름": "김민준"}}]'   members to preview with
//     data-fields='["이름", "만료일"]'        merge fields that exist; another one is named as unknown
//     data-ad-head="(광고) "  data-ad-foot="\n무료수신거부 080…"   put around the text while [data-ad] is checked
//   textarea[data-text]   input[data-title]   input[type=checkbox][data-ad]   [data-image] one for each picture (MMS)
//   [data-kind] SMS/LMS/MMS   [data-kind-note]   [data-bytes]   [data-limit]   progress[data-meter]   [data-title-bytes]
//   [data-bubble] the preview   [data-sample-name]   [data-sample-at] "2 / 5"   button[data-sample="prev"|"next"]
//   button[data-insert="#{이름}"]   inserted at the cursor
//   [data-bad] shown while characters can't be sent, with [data-bad-list] (filled) and button[data-bad-fix] (replace all)
//   [data-unknown] shown while an unknown merge field stands in the text, with [data-unknown-list]
//   Words come from data-say-* on the form: left ("{n}바이트 남음"), long, over, drop ("빼기").
// Fires "compose:measured" on the form: {size, kind, bad, unknown}. For tests: window.measure(text).
(() => {
  // Sendable is ASCII and the two-byte table of KS X 1001 (lead and trail both A1–FE): not the Hangul that only CP949
  // knows (됬, 뷁), which carriers turn into "?". The browser knows the table: decode every code once (a few ms).
  const known = (() => {
    const bytes = [];
    for (let lead = 0xa1; lead <= 0xfe; lead++) for (let trail = 0xa1; trail <= 0xfe; trail++) bytes.push(lead, trail, 10);
    const table = new Set();
    for (const c of new TextDecoder("euc-kr").decode(new Uint8Array(bytes)).split("\n"))
      if (c.length === 1 && c > "\x7f" && c !== "\ufffd" && !(c >= "\ue000" && c <= "\uf8ff")) table.add(c);
    return table;
  })();
  const sendable = (c) => c <= "\x7f" || known.has(c);

  /** Bytes on the carrier's side: ASCII 1, a newline 2, all else 2; `bad` lists what can't be sent. */
  function measure(text) {
    let size = 0;
    const bad = [];
    for (const c of text.replace(/\r\n?/g, "\n")) {
      size += c <= "\x7f" && c !== "\n" ? 1 : 2;
      if (!sendable(c)) bad.push(c);
    }
    return { size, bad };
  }
  window.measure = measure;

  const instead = {
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "•": "·", "‧": "·", "・": "·", "〜": "~", "～": "~", "₩": "￦", "©": "(c)", "®": "(R)",
    "✓": "V", "✔": "V", "✅": "V", "❤": "♥", "💕": "♥", "💙": "♥", "💗": "♥", "⭐": "★", "🌟": "★", "✨": "★", "🎉": "★", "📞": "☎", "📱": "☎",
    "👉": "▶", "📍": "▶", "📌": "▶", "➡": "→", "⬇": "↓", "🔔": "♪", "🎵": "♪", "😀": "^^", "😊": "^^", "😄": "^^", "🙂": "^^", "😅": "^^;", "😢": "ㅠㅠ", "😭": "ㅠㅠ",
    "됬": "됐", "됌": "됨", "‚": ",", "ˮ": "\"", "❶": "①", "❷": "②", "❸": "③", "❌": "X", "⭕": "○",
  };
  const remedy = (c) => instead[c] ?? "";

  /** What copying from a web page or a Mac brings along and nobody sees. */
  const tidy = (text) => text.normalize("NFC").replace(/\r\n?/g, "\n").replace(/[\u200b-\u200d\u2060\ufeff\u00ad\ufe0e\ufe0f]/g, "")
    .replace(/[\u00a0\u2000-\u200a\u202f\u205f]/g, " ").replace(/\t/g, " ").replace(/[\u2028\u2029]/g, "\n");
  window.tidy = tidy;

  const form = document.querySelector("form[data-compose]");
  if (!form) return;
  const $ = (selector) => form.querySelector(selector);
  const put = (selector, text) => { const at = $(selector); if (at) at.textContent = text; };
  const piece = (css, text) => Object.assign(document.createElement("span"), { className: css, textContent: text });
  const json = (name) => JSON.parse(form.dataset[name] || "[]");
  const comma = (n) => n.toLocaleString("ko-KR");
  const say = (name, otherwise) => form.dataset[`say${name}`] || otherwise;
  const area = $("[data-text]");
  const token = /#\{([^{}|\n]+)(?:\|([^{}\n]*))?\}/g;
  let at = 0;

  const sample = () => json("samples")[at] ?? { label: "", fields: {} };
  const value = (name, fallback) => String(sample().fields[name.trim()] ?? "") || fallback || "";

  function whole() {
    const ad = $("[data-ad]")?.checked;
    return (ad ? form.dataset.adHead || "" : "") + area.value + (ad ? form.dataset.adFoot || "" : "");
  }
  /** The parts of the text as the reader sees it: [css, text]. */
  function parts(text) {
    const out = [];
    let from = 0;
    for (const hit of text.matchAll(token)) {
      out.push(["", text.slice(from, hit.index)]);
      const filled = value(hit[1], hit[2]);
      out.push(filled ? ["tok-fill", filled] : ["tok-empty", hit[0]]);
      from = hit.index + hit[0].length;
    }
    return [...out, ["", text.slice(from)]];
  }
  function draw([css, text]) {
    if (css) return [piece(css, text)];
    return text.split(/(https?:\/\/\S+)/).flatMap((run, i) => {
      if (i % 2) return [piece("url", run)];
      const out = [];
      for (const c of run) {
        if (!sendable(c)) out.push(piece("bad", c));
        else if (typeof out.at(-1) === "string") out[out.length - 1] += c;
        else out.push(c);
      }
      return out;
    });
  }

  function render() {
    const raw = whole(), shown = parts(raw);
    const { size, bad } = measure(shown.map(([css, t]) => (css === "tok-empty" ? "" : t)).join(""));
    const title = $("[data-title]")?.value ?? "";
    const pictures = form.querySelectorAll("[data-image]").length > 0;
    const kind = pictures ? "MMS" : size <= 90 && !title.trim() ? "SMS" : "LMS";
    const limit = kind === "SMS" ? 90 : 2000, over = size > limit;
    const unknown = unknownFields(raw);

    put("[data-kind]", kind);
    put("[data-bytes]", comma(size));
    put("[data-limit]", comma(limit));
    put("[data-title-bytes]", comma(measure(title).size));
    put("[data-kind-note]", over ? say("Over", "2,000바이트를 넘었어요") : kind === "SMS" ? say("Left", "{n}바이트 남음").replace("{n}", comma(90 - size)) : size > 90 ? say("Long", "90바이트를 넘어 장문으로 보내요") : "");
    const tone = over ? "tone-red" : { SMS: "tone-blue", LMS: "tone-violet", MMS: "tone-amber" }[kind];
    if ($("[data-kind]")) $("[data-kind]").className = `kind ${tone}`;
    if ($("[data-meter]")) Object.assign($("[data-meter]"), { max: limit, value: Math.min(size, limit), className: tone });

    listBad([...new Set([...bad, ...measure(title).bad])]);
    if ($("[data-unknown]")) $("[data-unknown]").hidden = unknown.length === 0;
    put("[data-unknown-list]", unknown.join(" "));
    const head = kind !== "SMS" && title ? [piece("subject", title)] : [];
    $("[data-bubble]")?.replaceChildren(...head, ...shown.flatMap(draw));
    form.dispatchEvent(new CustomEvent("compose:measured", { bubbles: true, detail: { size, kind, bad, unknown } }));
  }
  function unknownFields(text) {
    if (!form.dataset.fields) return [];
    const names = json("fields");
    return [...new Set([...text.matchAll(token)].filter((hit) => !names.includes(hit[1].trim())).map((hit) => hit[0]))];
  }
  function listBad(chars) {
    if ($("[data-bad]")) $("[data-bad]").hidden = chars.length === 0;
    $("[data-bad-list]")?.replaceChildren(...chars.map((c) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "swap" });
      button.dataset.swap = c;
      const after = remedy(c);
      button.append(piece("from", c), "→", piece("to", after || say("Drop", "빼기")));
      return button;
    }));
  }

  const changed = (input) => input.dispatchEvent(new Event("input", { bubbles: true }));
  function swap(chars) {
    for (const input of [area, $("[data-title]")].filter(Boolean)) {
      const after = chars.reduce((text, c) => text.replaceAll(`${c}\ufe0f`, c).replaceAll(c, remedy(c)), input.value);
      if (after !== input.value) { input.value = after; changed(input); }
    }
  }
  function page(step) {
    const n = json("samples").length;
    at = n ? (at + step + n) % n : 0;
    namePage();
    render();
  }
  function namePage() {
    const n = json("samples").length;
    put("[data-sample-name]", sample().label);
    put("[data-sample-at]", n > 1 ? `${at + 1} / ${n}` : "");
    form.querySelectorAll("[data-sample]").forEach((b) => (b.hidden = n < 2));
  }

  form.addEventListener("click", (e) => {
    const near = (selector) => e.target.closest(selector);
    if (near("[data-insert]")) {
      area.setRangeText(near("[data-insert]").dataset.insert, area.selectionStart, area.selectionEnd, "end");
      area.focus();
      changed(area);
    }
    if (near("[data-swap]")) swap([near("[data-swap]").dataset.swap]);
    if (near("[data-bad-fix]")) swap([...form.querySelectorAll("[data-swap]")].map((b) => b.dataset.swap));
    if (near("[data-sample]")) page(near("[data-sample]").dataset.sample === "prev" ? -1 : 1);
  });
  area.addEventListener("paste", (e) => {
    const text = e.clipboardData?.getData("text/plain"), clean = text && tidy(text);
    if (!text || clean === text) return; // the browser's own paste keeps undo
    e.preventDefault();
    // insertText, though old, is the one way that keeps undo.
    if (!document.execCommand("insertText", false, clean)) { area.setRangeText(clean, area.selectionStart, area.selectionEnd, "end"); changed(area); }
  });
  form.addEventListener("input", render);
  // New samples or fields may come with a swapped part of the page.
  new MutationObserver(() => { at = 0; namePage(); render(); }).observe(form, { attributeFilter: ["data-samples", "data-fields", "data-ad-head", "data-ad-foot"] });
  document.addEventListener("htmx:afterSettle", render);
  namePage();
  render();
})();
