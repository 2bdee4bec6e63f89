// A rule table as a spreadsheet: arrows, Enter, copy and paste from one, undo. Findings, mistakes and the answer to a
// tried case stand in the heading of their row. Without this script the page's own table, the upload and the form to try
// a case stay; the server alone decides what a cell may say. The grid weighs 150 KB on the wire (script and style), is
// loaded by this page alone and kept by the browser.
import jspreadsheet from "jspreadsheet-ce";
import "jspreadsheet-ce/dist/jspreadsheet.css";
import "jsuites/dist/jsuites.css";
import { csv, fromClipboard, toClipboard } from "./cells.js";

const region = document.querySelector("[data-grid][data-editable]");
const form = document.querySelector("[data-grid-form]");
const tryForm = document.querySelector("[data-try-form]");
const help = document.querySelector("[data-cell-help]");
const state = document.querySelector("[data-state]");
// More findings beside one row would leave no room for the other rows; the chosen cell tells all of them.
const SHOWN = 3;
const byId = (id) => document.getElementById(id);

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

// The grid writes an inline handler (onselectstart) that the page's policy refuses, with a message each time.
function withoutInlineHandlers(make) {
  const { setAttribute } = Element.prototype;
  Element.prototype.setAttribute = function (name, value) {
    if (!/^on/i.test(name)) setAttribute.call(this, name, value);
  };
  try {
    return make();
  } finally {
    Element.prototype.setAttribute = setAttribute;
  }
}

// What the page says about rows: by row id the findings and the answer to the tried case.
function told() {
  const notes = new Map();
  const note = (row, one) => notes.set(row, [...(notes.get(row) ?? []), one]);
  for (const item of document.querySelectorAll("[data-finding]")) {
    const text = item.querySelector("[data-sentence]").textContent;
    const one = { mark: item.dataset.mark, text, wrong: "blocking" in item.dataset, found: true, href: item.id };
    for (const row of JSON.parse(item.dataset.rows)) note(row, one);
  }
  const tried = byId("tried");
  for (const item of tried?.querySelectorAll("[data-decides]") ?? []) {
    note(item.dataset.decides, { mark: tried.dataset.decides, decides: true, text: "" });
  }
  for (const item of tried?.querySelectorAll("[data-also]") ?? []) {
    note(item.dataset.also, { mark: tried.dataset.also, text: "" });
  }
  const failed = tried?.querySelector("[data-failed]");
  const reasons = failed ? JSON.parse(failed.textContent) : {};
  for (const [row, why] of Object.entries(reasons)) {
    note(row, { mark: tried.dataset.not, text: why.sentence, column: why.column, quiet: true });
  }
  return notes;
}

class Editor {
  constructor() {
    const [head, ...rows] = [...region.querySelectorAll("tr")];
    const cells = (row) => [...row.cells].slice(1).map((cell) => cell.dataset.head ?? cell.textContent);
    this.titles = cells(head);
    this.dirty = "dirty" in region.dataset;
    this.mistakes = [];
    const place = document.createElement("div");
    const width = (title, at) => (at ? (/^(# )?title/.test(title) ? 300 : 150) : 96);
    const columns = this.titles.map((title, at) => ({ title, type: "text", width: width(title, at), align: "left" }));
    const wanted = `title_${document.documentElement.lang === "en" ? "en" : "es"}`;
    this.titleAt = this.titles.findIndex((title) => title.replace("# ", "") === wanted);
    const changed = () => this.changed();
    const data = rows.map(cells);
    region.replaceChildren(place);
    const options = {
      parseFormulas: false,
      about: false,
      onchange: changed,
      oninsertrow: changed,
      ondeleterow: changed,
      onmoverow: changed,
      onundo: changed,
      onredo: changed,
      oncopy: (_sheet, [left, top, right, bottom]) => this.copied(left, top, right, bottom),
      onselection: (_sheet, column, row, right, last) => {
        this.chosen = [Number(row), Number(last)];
        if (column === right && row === last) this.reveal(column, row);
        this.explain(column, row);
      },
      worksheets: [
        {
          data: data.length ? data : [this.titles.map(() => "")],
          columns,
          tableOverflow: true,
          tableWidth: "100%",
          tableHeight: "70vh",
          allowInsertColumn: false,
          allowDeleteColumn: false,
          allowRenameColumn: false,
          columnSorting: false,
          columnDrag: false,
          rowResize: false,
          wordWrap: true,
        },
      ],
    };
    [this.sheet] = withoutInlineHandlers(() => jspreadsheet(place, options));
    document.querySelector(".jss_textarea")?.setAttribute("aria-label", region.getAttribute("aria-label"));
    place.querySelector(".jss_selectall").textContent = head.cells[0].textContent;
    this.nameColumns();
    this.placeMistakes();
    this.decorate();
    this.say(this.dirty ? state.dataset.unsaved : "");
  }

  nameColumns() {
    const known = new Map([...document.querySelectorAll("[data-header]")].map((one) => [one.dataset.header, one]));
    this.columns = this.titles.map((title) => known.get(title));
    this.sheet.headers.forEach((cell, at) => {
      const column = this.columns[at];
      if (column) {
        cell.replaceChildren(element("b", column.dataset.title), element("small", column.dataset.column));
        cell.classList.add(`ruta-${column.dataset.role}`);
      }
      cell.title = this.titles[at];
    });
  }

  rowOf(id) {
    return this.sheet.getColumnData(0).findIndex((text) => String(text ?? "").trim() === id);
  }

  columnOf(name) {
    return name === "id" ? 0 : this.columns.findIndex((one) => one?.dataset.column === name);
  }

  // A mistake belongs to the cell it was found in, wherever that cell moves.
  placeMistakes() {
    for (const one of this.mistakes) one.cell.classList.remove("ruta-wrong");
    this.mistakes = [];
    for (const link of document.querySelectorAll("#problems [data-problem]")) {
      const column = Math.max(this.columnOf(link.dataset.column), 0);
      const cell = this.sheet.getCellFromCoords(column, Number(link.dataset.problem));
      if (!cell) continue;
      const text = link.parentElement.lastElementChild.textContent;
      cell.classList.add("ruta-wrong");
      this.mistakes.push({ cell, link, text, column: link.dataset.column });
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.select(Number(cell.dataset.x), Number(cell.dataset.y));
      });
    }
  }

  notesAt(row) {
    const id = String(this.sheet.getValueFromCoords(0, row) ?? "").trim();
    const wrong = this.mistakes.filter((one) => Number(one.cell.dataset.y) === row && one.cell.isConnected);
    const mistakes = wrong.map((one) => ({ mark: `✗ ${one.column}`, text: one.text, wrong: true, found: true }));
    return [...mistakes, ...(this.notes.get(id) ?? [])];
  }

  // Numbers of rows are rewritten by the grid whenever rows move; what is said about a row follows its id.
  decorate() {
    this.notes = told();
    for (const cell of region.querySelectorAll("td.ruta-fails")) cell.classList.remove("ruta-fails");
    this.sheet.rows.forEach((row, at) => {
      const heading = row.element.children[0];
      const notes = this.notesAt(at);
      const title = this.titleAt > 0 ? this.sheet.getValueFromCoords(this.titleAt, at) : "";
      heading.replaceChildren(element("b", at + 1), element("span", title ?? "", "ruta-row-title ruta-quiet"));
      const crowd = notes.filter((one) => one.href).slice(SHOWN);
      for (const one of notes.filter((each) => !crowd.includes(each))) {
        const line = element("span", "", `ruta-note${one.wrong ? " ruta-note--wrong" : ""}${one.decides ? " ruta-note--decides" : ""}${one.quiet ? " ruta-quiet" : ""}`);
        line.append(element("b", one.mark), ` ${one.text}`);
        heading.append(line);
        if (one.column) {
          this.sheet.getCellFromCoords(this.columnOf(one.column), at)?.classList.add("ruta-fails");
        }
      }
      if (crowd.length) heading.append(element("span", region.dataset.more.replace("#", crowd.length), "ruta-note"));
      row.element.classList.toggle("ruta-found", notes.some((one) => one.found));
      row.element.classList.toggle("ruta-decides", notes.some((one) => one.decides));
    });
  }

  changed() {
    this.dirty = true;
    this.say(state.dataset.unsaved);
    cancelAnimationFrame(this.waiting);
    this.waiting = requestAnimationFrame(() => this.decorate());
  }

  say(text) {
    state.textContent = text;
  }

  // The column's meaning and all that is said about the row, below the grid as the cell is chosen.
  explain(column, row) {
    const said = this.columns[column];
    help.replaceChildren();
    if (said) {
      const line = element("p", "", "govuk-body-s");
      line.append(element("b", said.dataset.title), " ", ...[...said.childNodes].map((one) => one.cloneNode(true)));
      help.append(line);
    }
    for (const one of this.notesAt(Number(row))) {
      const line = element("p", "", `govuk-body-s${one.wrong ? " ruta-note--wrong" : ""}`);
      line.append(element("b", one.mark), ` ${one.text} `);
      if (one.href) {
        const back = element("a", "↗", "govuk-link");
        back.href = `#${one.href}`;
        back.setAttribute("aria-label", `${one.mark}: ${one.text}`);
        line.append(back);
      }
      help.append(line);
    }
  }

  // Not below the heading of its row or its column.
  reveal(column, row) {
    this.sheet.getCellFromCoords(column, row)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  select(column, row) {
    region.focus({ preventScroll: true });
    jspreadsheet.current = this.sheet;
    this.sheet.updateSelectionFromCoords(column, row, column, row);
    this.sheet.getCellFromCoords(column, row).scrollIntoView({ block: "center", inline: "nearest" });
  }

  leave() {
    this.sheet.resetSelection();
    jspreadsheet.current = null;
    form.querySelector("button").focus();
  }

  text() {
    const kept = this.sheet.getData().filter((row) => row.some((cell) => String(cell ?? "").trim()));
    return csv([this.titles, ...kept]);
  }

  // In the background, so that what was typed and its undo stay when nothing could be saved.
  async send(which) {
    form.elements.cells.value = this.text();
    const body = new FormData(which);
    body.set("cells", form.elements.cells.value);
    try {
      const answer = await fetch(which.action, { method: "POST", body });
      if (new URL(answer.url).pathname.startsWith("/account/")) return this.say(state.dataset.ended);
      if (answer.redirected) return this.saved(answer.url);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.querySelector("[data-part]")) return this.say(state.dataset.away);
      return this.show(page, which);
    } catch {
      return this.say(state.dataset.away);
    }
  }

  saved(address) {
    this.dirty = false;
    location.href = address;
  }

  show(page, which) {
    for (const part of document.querySelectorAll("[data-part]")) {
      part.replaceChildren(...(page.getElementById(part.id)?.childNodes ?? []));
    }
    for (const field of document.querySelectorAll("[name=version]")) {
      field.value = page.querySelector("[name=version]").value;
    }
    this.placeMistakes();
    this.decorate();
    const wrong = document.querySelector("#problems .govuk-error-summary");
    const result = wrong ?? (which === tryForm ? byId("tried") : null);
    result?.setAttribute("tabindex", "-1");
    result?.focus();
  }

  copied(left, top, right, bottom) {
    const rows = this.sheet.getData().slice(Number(top), Number(bottom) + 1);
    return toClipboard(rows.map((row) => row.slice(Number(left), Number(right) + 1)));
  }

  paste(text) {
    const [column, row] = this.sheet.selectedCell.map(Number);
    this.sheet.paste(column, row, toClipboard(fromClipboard(text)));
  }

  act(name) {
    if (name === "undo" || name === "redo") this.sheet[name]();
    if (name === "insert") this.insert();
    if (name === "remove" && this.chosen) {
      const [first, last] = this.chosen;
      this.sheet.deleteRow(first, last - first + 1);
      this.chosen = null;
    }
  }

  // A new row asks nothing yet: every question says "any".
  insert() {
    const at = this.chosen ? this.chosen[1] : this.sheet.rows.length - 1;
    const empty = this.columns.map((one) => (one?.dataset.role === "input" ? "-" : ""));
    this.sheet.insertRow(empty, at, 0);
    this.select(0, at + 1);
  }
}

function listen(editor) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    editor.send(form);
  });
  tryForm?.addEventListener("submit", (event) => {
    event.preventDefault();
    editor.send(tryForm);
  });
  form.addEventListener("click", (event) => event.target.dataset.act && editor.act(event.target.dataset.act));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-row]");
    const row = link ? editor.rowOf(link.dataset.row) : -1;
    if (row >= 0) {
      event.preventDefault();
      editor.select(0, row);
    }
  });
  document.addEventListener(
    "keydown",
    (event) => {
      const inside = jspreadsheet.current === editor.sheet && Boolean(editor.sheet.selectedCell);
      if (event.key === "Escape" && inside && !editor.sheet.edition) editor.leave();
      if (event.key === "Enter" && document.activeElement === region && !inside) {
        event.preventDefault();
        event.stopPropagation();
        editor.select(0, 0);
      }
    },
    true,
  );
  document.addEventListener(
    "paste",
    (event) => {
      if (jspreadsheet.current !== editor.sheet || !editor.sheet.selectedCell || editor.sheet.edition) return;
      event.preventDefault();
      event.stopPropagation();
      editor.paste(event.clipboardData.getData("text"));
    },
    true,
  );
  window.addEventListener("beforeunload", (event) => editor.dirty && event.preventDefault());
}

if (region && form) {
  form.hidden = false;
  help.hidden = false;
  document.querySelector("[data-keys]").hidden = false;
  listen(new Editor());
  for (const words of document.querySelectorAll("[data-with-grid]")) words.hidden = false;
  for (const words of document.querySelectorAll("[data-without-grid]")) words.hidden = true;
}
