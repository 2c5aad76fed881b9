// What a page looks like to a test: evaluated in the page, returns plain data. `tests/browser/looks.py` judges it.
({ narrow }) => {
  const root = document.documentElement;
  const width = root.clientWidth;
  const shown = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    !element.closest(".visually-hidden, .s-skip");
  const named = (element) => {
    const classes = typeof element.className === "string" && element.className ? `.${element.className.trim().replace(/\s+/g, ".")}` : "";
    return `${element.tagName.toLowerCase()}${classes} "${(element.textContent ?? "").trim().slice(0, 40)}"`;
  };
  // Whether an ancestor below the body scrolls or clips sideways, so that the page itself does not.
  const contained = (element) => {
    for (let above = element.parentElement; above && above !== document.body; above = above.parentElement) {
      if (getComputedStyle(above).overflowX !== "visible") return true;
    }
    return false;
  };

  const wide = [];
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) continue;
    const outside = box.right > width + 1 || box.left < -1;
    if (!outside || element.closest(".s-scroll, .s-diagram, .s-skip, .visually-hidden")) continue;
    if (box.width > width + 1 || !contained(element)) wide.push(named(element));
  }

  const marks = [];
  const drawn = (element) => element.checkVisibility();
  for (const mark of [...document.querySelectorAll(".bjs-powered-by, .fjs-powered-by-link")].filter((mark) => drawn(mark.closest("[data-form], [data-diagram]")))) {
    mark.scrollIntoView({ block: "center", behavior: "instant" });
    const picture = mark.querySelector("svg, img");
    const box = picture.getBoundingClientRect();
    const style = getComputedStyle(mark);
    const points = [
      [box.left + box.width / 2, box.top + box.height / 2],
      ...[[1, 1], [box.width - 1, 1], [1, box.height - 1], [box.width - 1, box.height - 1]].map(([x, y]) => [box.left + x, box.top + y]),
    ];
    let opacity = 1;
    for (let at = picture; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    marks.push({
      name: mark.className,
      width: box.width,
      height: box.height,
      opacity,
      color: style.color,
      covered: points.filter(([x, y]) => !mark.contains(document.elementFromPoint(x, y))).length,
    });
  }
  const wanted = [...document.querySelectorAll("[data-form], [data-diagram]")].filter(drawn).length;

  // At the end of the page nothing may lie under the bar at the bottom.
  let buried = [];
  if (narrow) {
    window.scrollTo({ top: root.scrollHeight, behavior: "instant" });
    const bar = document.querySelector(".s-rail");
    const top = bar ? bar.getBoundingClientRect().top : window.innerHeight;
    const sticky = document.querySelector(".s-desk-actions");
    for (const element of document.querySelectorAll("#s-main *")) {
      if (element.children.length || !shown(element)) continue;
      const box = element.getBoundingClientRect();
      if (box.width && box.height && box.bottom > top + 1 && !contained(element)) buried.push(named(element));
    }
    if (sticky && sticky.getBoundingClientRect().bottom > top + 1) buried.push("the bar of actions");
  }
  window.scrollTo({ top: 0, behavior: "instant" });

  // The inbox scrolls in its two halves, never as a whole.
  const tall = !narrow && document.body.matches(".s-inbox-page") ? root.scrollHeight - root.clientHeight : 0;

  const texts = [];
  const page = root.lang;
  const tongue = (element) => element.closest("[lang]")?.lang === page;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const within = node.parentElement;
    const text = node.data.trim();
    if (!text || /^(SCRIPT|STYLE|TEMPLATE|KBD|NOSCRIPT)$/.test(within.tagName) || !tongue(within)) continue;
    if (!within.closest(".s-avatar") && (shown(within) || within.tagName === "OPTION")) texts.push(text.replace(/\s+/g, " "));
  }
  for (const element of document.body.querySelectorAll("[title], [aria-label], [placeholder], [alt]")) {
    if (!tongue(element)) continue;
    for (const name of ["title", "aria-label", "placeholder", "alt"]) {
      if (element.getAttribute(name)) texts.push(element.getAttribute(name).trim().replace(/\s+/g, " "));
    }
  }
  texts.push(document.title);
  return {
    lang: page,
    theme: root.dataset.bsTheme,
    overflow: root.scrollWidth - width,
    tall,
    wide: wide.slice(0, 5),
    marks,
    wanted,
    buried: buried.slice(0, 5),
    texts: [...new Set(texts)],
  };
}
