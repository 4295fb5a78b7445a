// The studio's only script. Every page can be read and every form sent without it: it tries what is typed as it is
// typed, lets lists be dragged, and keeps a draft that was not saved.

/** Selects what is shown once when it gets the focus, to copy it. */
document.addEventListener("focusin", (event) => {
  if (event.target.matches?.("input.code[readonly]")) event.target.select();
});

/** The value of a slider beside it. */
document.addEventListener("input", (event) => {
  const output = event.target.matches?.("input[type=range]") && event.target.parentElement.querySelector("output");
  if (output) output.textContent = event.target.value;
});

/** A touch of a map types the point. Who types it does the same. */
document.addEventListener("click", (event) => {
  const map = event.target.closest?.("svg.pick");
  const field = map?.closest("form")?.querySelector("[name=as_point]");
  if (!field) return;
  const [box, { west, south, east, north }] = [map.getBoundingClientRect(), map.dataset];
  const across = (event.clientX - box.left) / box.width;
  const down = (event.clientY - box.top) / box.height;
  const [lat, lng] = [north - down * (north - south), Number(west) + across * (east - west)];
  field.value = `${lat.toFixed(4)}, ${lng.toFixed(4)}`;
  const { width, height } = map.viewBox.baseVal;
  const mark = map.closest("details").querySelector(".mark") ?? document.createElementNS(map.namespaceURI, "circle");
  for (const [name, value] of [["class", "mark"], ["r", 7], ["cx", across * width], ["cy", down * height]]) mark.setAttribute(name, value);
  map.append(mark);
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

const desk = document.getElementById("desk");
if (desk) start(desk);

function start(form) {
  const draft = drafts(form);
  const attempt = attempts(form, draft);
  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => attempt(), 120);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=act], button.try");
    if (!button) return;
    event.preventDefault();
    clearTimeout(waiting);
    attempt(button.name === "act" ? button : null);
  });
  form.addEventListener("submit", () => draft.clear());
  sortable(form, attempt);
}

/** Sends the form to be tried, and takes the live parts of the page that comes back. The newest wins. */
function attempts(form, draft) {
  let running;
  return async (button, act) => {
    running?.abort();
    const mine = (running = new AbortController());
    const body = new URLSearchParams(new FormData(form));
    const said = act ?? button?.value;
    if (said) body.set("act", said);
    const look = document.getElementById("look");
    look?.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.try, { method: "POST", body, signal: mine.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.redirected || !page.getElementById("desk")) return location.reload();
      swap(page, button?.id);
      draft.keep();
    } catch (error) {
      if (error.name !== "AbortError") look?.setAttribute("aria-busy", "false");
    }
  };
}

/** Replaces each live part; the focus stays where it was, or goes to what takes its place. */
function swap(page, pressed) {
  const focused = pressed || document.activeElement?.id;
  const names = document.activeElement?.name;
  for (const fresh of page.querySelectorAll("[data-live]")) {
    const old = document.getElementById(fresh.id);
    if (!old || old.isEqualNode(fresh)) continue;
    if (old.contains(document.activeElement) && !pressed && names && names !== "act") continue;
    const open = [...old.querySelectorAll("details")].map((one) => one.open);
    old.replaceWith(document.adoptNode(fresh));
    fresh.querySelectorAll("details").forEach((one, place) => (one.open = open[place] ?? one.open));
  }
  if (!focused || document.activeElement?.id === focused) return;
  const again = document.getElementById(focused) ?? (pressed && document.querySelector("#picks button, #modules button, #found button"));
  again?.focus({ preventScroll: true });
}

/** Lists whose lines can be dragged. The buttons of each line do the same by keyboard. */
function sortable(form, attempt) {
  let held;
  const line = (event) => event.target.closest?.("[data-sort] > li");
  form.addEventListener("dragstart", (event) => {
    held = line(event);
    if (!held) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.dataset.id);
    held.classList.add("held");
  });
  form.addEventListener("dragover", (event) => {
    const over = line(event);
    if (!held || !over || over.parentElement !== held.parentElement) return;
    event.preventDefault();
    if (over === held) return;
    const after = event.clientY > over.getBoundingClientRect().top + over.offsetHeight / 2;
    over[after ? "after" : "before"](held);
  });
  form.addEventListener("drop", (event) => {
    if (held) event.preventDefault();
  });
  form.addEventListener("dragend", () => {
    if (!held) return;
    held.classList.remove("held");
    // The lines stand as dragged already: the form says their new order.
    held = undefined;
    attempt();
  });
}

/** What is typed and not saved, kept in this browser for this document and this version of it. */
function drafts(form) {
  const key = `studio:${form.dataset.desk}`;
  const left_out = new Set(["csrf", "once", "version", "act", "then", "find", "month", "compare"]);
  const now = () => [...new FormData(form)].filter(([name]) => !left_out.has(name) && !name.startsWith("as_"));
  const first = JSON.stringify(now());
  const banner = document.getElementById("kept");
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  };
  const clear = () => localStorage.removeItem(key);
  const keep = () => {
    const fields = now();
    if (JSON.stringify(fields) === first) return clear();
    try {
      localStorage.setItem(key, JSON.stringify({ version: form.dataset.version, fields }));
    } catch {
      // A full store keeps no draft; the page goes on.
    }
  };
  const kept = read();
  if (kept && JSON.stringify(kept.fields) !== first && banner) {
    banner.hidden = false;
    banner.addEventListener("click", (event) => {
      const what = event.target.closest("[data-kept]")?.dataset.kept;
      if (!what) return;
      if (what === "take") return take(form, kept);
      clear();
      banner.hidden = true;
    });
  }
  return { keep, clear };
}

/** Sends the kept fields to be laid out anew: the server writes the page that they make. */
function take(form, kept) {
  const again = document.createElement("form");
  again.method = "post";
  again.action = form.dataset.try;
  const fields = [["csrf", form.elements.csrf.value], ["once", form.elements.once.value], ["version", kept.version], ...kept.fields];
  for (const [name, value] of fields) {
    const field = document.createElement("textarea");
    field.name = name;
    field.value = value;
    again.append(field);
  }
  again.hidden = true;
  document.body.append(again);
  again.submit();
}
