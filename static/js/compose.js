// Live byte counter and phone preview of the compose page; the server decides, this only shows it while typing.
//
// The page binds itself by data-attributes; all but the first two may be left out:
//   form[data-compose]
//     data-samples='[{"label": "김민준 010-12••-5678", "fields": {"이름": "김민준"}}]'   members to preview with
//     data-fields='["이름", "만료일"]'        merge fields that exist; another one is named as unknown
//     data-ad-head="(광고)한빛체육관\n"  data-ad-foot="\n무료수신거부 080…"   around the text while [data-ad] is checked
//     [data-ad-part] are those blocks beside the editor; CSS shows them meanwhile. The title gets the mark too.
//   textarea[data-text]   input[data-title]   input[type=checkbox][data-ad]   [data-image] one for each picture (MMS)
//   [data-kind] SMS/LMS/MMS   [data-kind-note]   [data-bytes]   [data-limit]   progress[data-meter]   [data-title-bytes]
//     a sample with an "id" puts it on the form as data-sample-id (and its "name" as data-sample-of), see recipients.js
//   [data-bubble] the preview   [data-sample-name]   [data-sample-at] "2 / 5"   button[data-sample="prev"|"next"]
//   button[data-insert="#{이름}"]   inserted at the cursor
//   [data-bad] shown while characters can't be sent, with [data-bad-list] (filled) and button[data-bad-fix] (replace all)
//   [data-unknown] shown while an unknown merge field stands in the text, with [data-unknown-list]
//     data-replacements='{"됬": "됐"}'         messaging.text.REPLACEMENTS: what is offered for a character that can't be sent
//   Words come from data-say-* on the form: left ("{n}바이트 남음"), long, over, drop ("빼기"), find ("직접 고치기"), gap, title.
// Fires "compose:measured" on the form: {size, kind, bad, unknown}. For tests: window.measure(text).
(() => {
  // Sendable is ASCII and the two-byte table of KS X 1001 (lead and trail both A1–FE): not the Hangul that only CP949
  // knows (됬, 뷁), which carriers turn into "?". The browser knows the table: decode every code once (a few ms).
  const known = (() => {
    const bytes = [];
    for (let lead = 0xa1; lead <= 0xfe; lead++) for (let trail = 0xa1; trail <= 0xfe; trail++) bytes.push(lead, trail, 10);
    const table = new Set();
    for (const c of new TextDecoder("euc-kr").decode(new Uint8Array(bytes)).split("\n"))
      if (c.length === 1 && c > "\x7f" && c !== "\ufffd") table.add(c);
    return table.add("\u3164"); // the Hangul filler encodes, though nothing decodes to it
  })();
  const sendable = (c) => c <= "\x7f" || known.has(c);

  /** Bytes on the carrier's side: ASCII 1, a newline 2, all else 2; `bad` lists the characters that can't be sent. */
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

  // Signs that lean on the one before: accents, variation selectors, keycaps, skin tones, flags of regions.
  const LEAN = "\\u0300-\\u036f\\ufe00-\\ufe0f\\u20e3\\u{1f3fb}-\\u{1f3ff}\\u{e0020}-\\u{e007f}";
  const BAD = `[^\\0-\\x7f${[...known].join("")}]`;
  // One thing to a reader, though several code points: an emoji with its tones and joints, a flag, a letter with an accent.
  const cluster = new RegExp(`[\\u{1f1e6}-\\u{1f1ff}]{2}|(?:[^\\s${LEAN}][${LEAN}]+|${BAD})(?:\\u200d[^\\s][${LEAN}]*|[${LEAN}])*`, "gu");
  const leaning = new RegExp(`[${LEAN}]`, "gu"), bad1 = new RegExp(BAD, "u");

  /** What carriers would turn into "?", each once, in order (messaging.text.unsendable). */
  const unsendable = (text) => (bad1.test(text) ? [...new Set(text.match(cluster) ?? [])] : []);
  window.unsendable = unsendable;

  /** What may stand instead (messaging.text.replacement): "" drops it, null means that only a person can say. */
  function remedy(sign, table) {
    const bare = sign.replace(leaning, "");
    for (const one of [sign, bare]) if (one in table) return table[one];
    if (bare && !bad1.test(bare)) return bare;
    const plain = sign.normalize("NFKD").replace(/\p{M}/gu, "");
    if (plain && !bad1.test(plain)) return plain;
    const first = [...(bare || sign)][0];
    if (/\p{Pd}/u.test(first)) return "-";
    if (/\p{Zs}/u.test(first)) return " ";
    if (/[\p{Pi}\p{Pf}]/u.test(first)) return '"';
    return /[\p{Cf}\p{Mn}\p{Me}\p{So}\p{Sk}\p{Co}\p{Cn}]/u.test(first) ? "" : null;
  }
  window.remedy = remedy;

  /** The text with each of the signs mended; the won sign goes behind its amount (messaging.text.replace_unsendable). */
  function mend(text, signs, table) {
    if (signs.includes("₩")) text = text.replace(/₩ ?(\d+(?:,\d{3})*(?:\.\d+)?[십백천만억]*)원?/g, "$1원");
    return text.replace(cluster, (sign) => (signs.includes(sign) ? remedy(sign, table) ?? sign : sign));
  }
  window.mend = mend;

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
  const token = /#\{([^{}|\n]*)(?:\|([^{}\n]*))?\}/g;
  const replacements = JSON.parse(form.dataset.replacements || "{}");
  let at = 0;

  const sample = () => json("samples")[at] ?? { label: "", fields: {} };
  const hasSamples = () => json("samples").length > 0;
  const value = (name, fallback) => String(sample().fields[name.trim()] ?? "") || fallback?.trim() || "";

  const MARK = "(광고)";
  const isAd = () => Boolean($("[data-ad]")?.checked);
  /** The text as it leaves; an ad between its blocks, with a typed mark not doubled (messaging.ads.wrapped). */
  function whole() {
    if (!isAd()) return area.value;
    const typed = area.value.trim();
    const body = typed.startsWith(MARK) ? typed.slice(MARK.length).trimStart() : typed;
    return (form.dataset.adHead || "") + body + (form.dataset.adFoot || "");
  }
  /** The title as it leaves (messaging.rules.ad_title). */
  function titled() {
    const typed = $("[data-title]")?.value.trim() ?? "";
    return isAd() && typed && !typed.startsWith(MARK) ? MARK + typed : typed;
  }
  /** The parts of the text as the reader sees it: [css, text]. */
  function parts(text) {
    const out = [];
    let from = 0;
    for (const hit of text.matchAll(token)) {
      out.push(["", text.slice(from, hit.index)]);
      const filled = value(hit[1], hit[2]);
      if (filled) out.push(["tok-fill", filled]);
      else if (!hasSamples() || isUnknown(hit)) out.push(["tok-empty", hit[0]]); // nobody to fill it from yet
      else if (hit[2] === undefined) out.push(["tok-gap", "", hit[0]]); // goes out blank; "#{레벨|}" says that it may
      from = hit.index + hit[0].length;
    }
    return [...out, ["", text.slice(from)]];
  }
  function draw([css, text, field]) {
    if (css === "tok-gap") return [Object.assign(piece(css, text), { title: say("Gap", "빈칸: {field}").replace("{field}", field) })];
    if (css) return [piece(css, text)];
    return text.split(/(https?:\/\/\S+)/).flatMap((run, i) => {
      if (i % 2) return [piece("url", run)];
      const out = [];
      let from = 0;
      for (const hit of run.matchAll(cluster)) {
        out.push(run.slice(from, hit.index), piece("bad", hit[0]));
        from = hit.index + hit[0].length;
      }
      return [...out, run.slice(from)];
    });
  }

  function render() {
    const raw = whole(), shown = parts(raw);
    const sent = shown.map(([css, t]) => (css === "tok-empty" ? "" : t)).join("");
    const title = titled();
    const { size } = measure(sent), bad = unsendable(`${title}\n${sent}`);
    const pictures = form.querySelectorAll("[data-image]").length > 0;
    const kind = pictures ? "MMS" : size <= 90 && !title ? "SMS" : "LMS";
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

    listBad(bad, new Set(unsendable(sent)));
    if ($("[data-unknown]")) $("[data-unknown]").hidden = unknown.length === 0;
    put("[data-unknown-list]", unknown.join(" "));
    const head = kind !== "SMS" && title ? [piece("subject", title)] : [];
    $("[data-bubble]")?.replaceChildren(...head, ...shown.flatMap(draw));
    form.dispatchEvent(new CustomEvent("compose:measured", { bubbles: true, detail: { size, kind, bad, unknown } }));
  }
  const isUnknown = (hit) => Boolean(form.dataset.fields) && !json("fields").includes(hit[1].trim());
  const unknownFields = (text) => [...new Set([...text.matchAll(token)].filter(isUnknown).map((hit) => hit[0]))];
  function listBad(signs, inText) {
    if ($("[data-bad]")) $("[data-bad]").hidden = signs.length === 0;
    const fix = $("[data-bad-fix]");
    if (fix) fix.hidden = !signs.some((sign) => remedy(sign, replacements) !== null);
    $("[data-bad-list]")?.replaceChildren(...signs.map((sign) => {
      const after = remedy(sign, replacements);
      const button = Object.assign(document.createElement("button"), { type: "button", className: "swap" });
      button.dataset[after === null ? "find" : "swap"] = sign;
      if (!inText.has(sign)) button.append(piece("where", say("Title", "제목")));
      button.append(piece("from", sign), "→", piece("to", after === null ? say("Find", "직접 고치기") : after || say("Drop", "빼기")));
      return button;
    }));
  }

  const changed = (input) => input.dispatchEvent(new Event("input", { bubbles: true }));
  const inputs = () => [area, $("[data-title]")].filter(Boolean);
  function swap(signs) {
    for (const input of inputs()) {
      const after = mend(input.value, signs, replacements);
      if (after !== input.value) { input.value = after; changed(input); }
    }
  }
  function find(sign) {
    const input = inputs().find((i) => i.value.includes(sign)), from = input?.value.indexOf(sign);
    if (!input) return; // it came with a member's value
    input.focus();
    input.setSelectionRange(from, from + sign.length);
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
    Object.assign(form.dataset, { sampleId: sample().id ?? "", sampleOf: sample().name ?? "" });
    if ($("[data-sample-except]")) $("[data-sample-except]").hidden = !sample().id;
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
    if (near("[data-find]")) find(near("[data-find]").dataset.find);
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
