"""Look at pages: pictures in both themes and widths, with bytes, requests, overflow, CSP violations and axe's findings.

    python tools/look.py http://127.0.0.1:8000 var/look / /t/demo/ --email owner@example.com --password …
    python tools/look.py http://127.0.0.1:8000 var/look /ui/ --modes light-1440 --click "[data-dialog-open=sample]"

Prints one block a picture and leaves with 1 when anything was found, so it can be a check as well.
"""

import argparse
import re
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = "/usr/bin/chromium"
QUIET = ["disable-gpu", "disable-background-networking", "disable-component-update", "disable-sync"]
SIZES = {"390": (390, 844), "768": (768, 1024), "1440": (1440, 900)}
MODES = ["light-1440", "dark-1440", "light-390", "dark-390"]
WATCH = """window.__csp = []; document.addEventListener('securitypolicyviolation',
    e => __csp.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile || ''}:${e.lineNumber}`))"""
FACTS = """(() => {
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    const guilty = wide > 0 ? [...document.querySelectorAll('body *')].filter(e =>
        e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).slice(0, 3)
        .map(e => e.tagName + '.' + e.className) : [];
    return {fcp: paint ? Math.round(paint.startTime) : null, nodes: document.querySelectorAll('*').length, wide, guilty}
})()"""
AXE_RUN = """axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => ({
    id: v.id, impact: v.impact, n: v.nodes.length,
    where: v.nodes.slice(0, 3).map(n => `${n.target.join(' ')} ${(n.any[0]?.message || '').slice(0, 120)}`)})))"""


def main():
    asked = arguments()
    out = Path(asked.out)
    out.mkdir(parents=True, exist_ok=True)
    findings = 0
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", *(f"--{name}" for name in QUIET)]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        cookies = sign_in(browser, asked) if asked.email else []
        for path in asked.paths:
            for mode in asked.modes:
                findings += look(browser, asked, cookies, path, mode, out)
        browser.close()
    print(f"{findings} findings, pictures in {out}")
    return 1 if findings else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base")
    parser.add_argument("out")
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--email")
    parser.add_argument("--password")
    parser.add_argument("--modes", nargs="+", default=MODES, help="theme-width, for example dark-390")
    parser.add_argument("--click", action="append", default=[], help="selectors to press before the picture")
    parser.add_argument("--type", nargs=2, action="append", default=[], metavar=("SELECTOR", "TEXT"))
    parser.add_argument("--view", action="store_true", help="what fits the window, not the whole page")
    return parser.parse_args()


def sign_in(browser, asked):
    """The cookies of a signed-in person, by our own form."""
    context = browser.new_context(locale="ko-KR")
    page = context.new_page()
    page.goto(f"{asked.base}/accounts/login/")
    page.fill("input[name=login]", asked.email)
    page.fill("input[name=password]", asked.password)
    page.locator(
        "form:has(input[name=password]) button[type=submit], form:has(input[name=password]) button"
    ).last.click()
    page.wait_for_load_state("load")
    if "/accounts/login" in page.url:
        sys.exit("look: could not sign in")
    cookies = context.cookies()
    context.close()
    return cookies


def look(browser, asked, cookies, path, mode, out):
    """One picture and its block of figures; gives back how many things were found."""
    theme, width = mode.split("-")
    context = new_context(browser, theme, width, cookies)
    page = context.new_page()
    sizes, errors = watch(context, page)
    answer = page.goto(asked.base + path, wait_until="load")
    page.wait_for_timeout(400)
    for selector, text in asked.type:
        page.fill(selector, text)
    for selector in asked.click:
        page.locator(selector).first.click()
    page.wait_for_timeout(350)
    facts, csp, heard = page.evaluate(FACTS), page.evaluate("window.__csp"), list(errors)
    name = re.sub(r"[^\w가-힣]+", "-", path).strip("-") or "root"
    page.screenshot(path=str(out / f"{name}-{mode}.png"), full_page=not asked.view)
    page.evaluate((ROOT / "node_modules/axe-core/axe.min.js").read_text())
    axe = page.evaluate(AXE_RUN)
    context.close()
    report(path, mode, answer, sizes, facts, csp, heard, axe)
    return len(csp) + len(heard) + len(axe) + (facts["wide"] > 0)


def new_context(browser, theme, width, cookies):
    wide, tall = SIZES.get(width) or (int(width), 900)
    context = browser.new_context(
        viewport={"width": wide, "height": tall},
        color_scheme=theme,
        device_scale_factor=1.5,
        locale="ko-KR",
        timezone_id="Asia/Seoul",
        has_touch=wide < 600,
        is_mobile=wide < 600,
    )
    context.add_cookies(cookies)
    context.add_init_script(WATCH)
    return context


def watch(context, page):
    """Bytes by request and what the console complains about, filled while the page loads."""
    sizes, errors = {}, []
    page.on("console", lambda m: errors.append(m.text[:300]) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: errors.append(f"page error: {str(e)[:300]}"))
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))
    return sizes, errors


def report(path, mode, answer, sizes, facts, csp, errors, axe):
    print(
        f"{path} {mode}: {answer.status} requests={len(sizes)} bytes={sum(sizes.values()) / 1024:.0f}KB "
        f"fcp={facts['fcp']} nodes={facts['nodes']} overflowX={facts['wide']} csp={len(csp)} "
        f"console={len(errors)} axe={[(a['id'], a['n']) for a in axe]}"
    )
    for line in [*facts["guilty"], *dict.fromkeys(csp[:6]), *dict.fromkeys(errors)]:
        print("   ", line[:220])
    for finding in axe:
        print("    axe", finding["id"], finding["impact"], finding["where"])


if __name__ == "__main__":
    sys.exit(main())
