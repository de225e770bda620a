// Looks for news every three seconds while the page is seen, and starts a conversation at its newest text.
const main = document.querySelector("main[data-live]");
const atEnd = () => window.innerHeight + window.scrollY >= document.body.scrollHeight - 80;
const toEnd = () => document.querySelector(".thread") && window.scrollTo(0, document.body.scrollHeight);

async function look() {
  if (document.hidden) return;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer || !answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const news = page.querySelector("main");
  if (!news || news.innerHTML === main.innerHTML) return;
  const follow = atEnd();
  main.replaceChildren(...news.childNodes);
  if (follow) toEnd();
}

if (main) {
  toEnd();
  setInterval(look, 3000);
}
