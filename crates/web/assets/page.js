// Small comforts on every page; nothing here is needed to use it.
//
//  /        to the search box          g then a letter    to a page of the menu
//  1–8      the tiles of the form      Esc                hides the page (only where it says so)
//  ?        help                       data-suggest       suggestions under a search box

const typing = (target) => target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");

let going = 0;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && document.querySelector("[data-hides]") && !document.querySelector(".suggest ul:not([hidden])")) {
    event.preventDefault();
    veil();
    return;
  }
  if (typing(event.target) || document.querySelector(".veil")) return;
  const soon = Date.now() - going < 1200;
  going = 0;
  document.body.classList.remove("show-keys");
  if (soon) {
    const link = document.querySelector(`.menu a[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
  } else if (event.key === "g") {
    going = Date.now();
    document.body.classList.add("show-keys");
    setTimeout(() => document.body.classList.remove("show-keys"), 1200);
  } else if (event.key === "/") {
    const box = document.querySelector("[data-find]");
    if (box) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  } else if (event.key === "?") {
    location.assign("/help");
  } else if (/^[1-8]$/.test(event.key)) {
    const tile = document.querySelector(`.tiles input[data-digit="${event.key}"]`);
    if (tile) {
      tile.checked = true;
      tile.focus();
    }
  }
});

// Hides everything behind a blank sheet, keeping what was typed; the tab's title tells nothing either way.
function veil() {
  const present = document.querySelector(".veil");
  if (present) return;
  const last = document.activeElement;
  const sheet = document.createElement("div");
  sheet.className = "veil";
  const back = document.createElement("button");
  back.type = "button";
  back.textContent = document.querySelector("[data-hides]").dataset.hides;
  sheet.append(back);
  for (const child of document.body.children) child.inert = true;
  document.body.append(sheet);
  back.focus();
  back.addEventListener("click", () => {
    sheet.remove();
    for (const child of document.body.children) child.inert = false;
    last?.focus?.();
  });
}

// Closes the person's menu when the focus or a click goes elsewhere.
for (const menu of document.querySelectorAll("details.who")) {
  document.addEventListener("click", (event) => menu.contains(event.target) || menu.removeAttribute("open"));
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      event.stopPropagation();
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

// Suggestions: an input with data-suggest="/url" asks the server for list items (HTML made there), shows them, and on
// choice fills the hidden field named in data-into. Without script the same input is answered by the form itself.
for (const input of document.querySelectorAll("input[data-suggest]")) suggest(input);

function suggest(input) {
  const list = document.createElement("ul");
  list.id = `${input.id}-list`;
  list.role = "listbox";
  list.hidden = true;
  input.parentElement.append(list);
  input.role = "combobox";
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-autocomplete", "list");
  input.autocomplete = "off";
  const into = input.form.elements[input.dataset.into];
  let asked = 0;
  let timer;

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const options = () => [...list.querySelectorAll("[role=option]")];
  const current = () => list.querySelector("[aria-selected=true]");
  const mark = (option) => {
    current()?.setAttribute("aria-selected", "false");
    if (!option) return;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  };
  const choose = (option) => {
    into.value = option.dataset.value;
    input.value = option.dataset.text;
    input.dataset.chosen = option.dataset.text;
    input.classList.add("is-chosen");
    close();
    input.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
  };
  const ask = async () => {
    const q = input.value.trim();
    const mine = ++asked;
    if (q === "") return close();
    // In the body, not in the address: a name that is looked for stays out of histories and logs.
    const answer = await fetch(input.dataset.suggest, { method: "POST", body: new URLSearchParams({ q }), headers: { accept: "text/html" } });
    if (mine !== asked || !answer.ok) return;
    list.innerHTML = await answer.text();
    options().forEach((option, i) => {
      option.id = `${list.id}-${i}`;
      option.setAttribute("aria-selected", "false");
    });
    list.hidden = list.children.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(options()[0]);
  };

  input.addEventListener("input", () => {
    if (input.value !== input.dataset.chosen) {
      into.value = "";
      input.classList.remove("is-chosen");
    }
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const all = options();
    const at = all.indexOf(current());
    if (event.key === "ArrowDown") mark(all[(at + 1) % all.length]);
    else if (event.key === "ArrowUp") mark(all[(at - 1 + all.length) % all.length]);
    else if (event.key === "Enter" && current()) choose(current());
    else if (event.key === "Escape") {
      event.stopPropagation();
      close();
    } else return;
    event.preventDefault();
  });
  input.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
}

// A number that is typed chooses the option that it belongs to.
for (const input of document.querySelectorAll("[data-checks-radio]")) {
  input.addEventListener("input", () => {
    input.closest("label").querySelector("[type=radio]").checked = true;
  });
}

// A button that copies the text of the element named in data-copy.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.textContent = button.dataset.done;
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
