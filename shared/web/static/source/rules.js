// A rule table as a spreadsheet: arrows, Enter, copy and paste from one. Without this script the page's own table and
// the upload stay; the server alone decides what a cell may say.
import jspreadsheet from "jspreadsheet-ce";
import "jspreadsheet-ce/dist/jspreadsheet.css";
import "jsuites/dist/jsuites.css";

const region = document.querySelector("[data-grid][data-editable]");
const form = document.querySelector("[data-grid-form]");

function cellsOf(row) {
  return [...row.cells].slice(1).map((cell) => cell.textContent);
}

function csv(rows) {
  const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => row.map((cell) => quoted(String(cell ?? ""))).join(",")).join("\r\n") + "\r\n";
}

if (region && form) {
  const [head, ...rows] = [...region.querySelectorAll("tr")];
  const titles = cellsOf(head);
  const found = rows.map((row) => row.cells[0].textContent.trim());
  const columns = titles.map((title, at) => ({ title, type: "text", width: at ? 150 : 110, align: "left" }));
  const place = document.createElement("div");
  region.replaceChildren(place);
  const [sheet] = jspreadsheet(place, {
    parseFormulas: false,
    worksheets: [
      {
        data: rows.map(cellsOf),
        columns,
        freezeColumns: 1,
        tableOverflow: true,
        tableWidth: `${region.clientWidth}px`,
        tableHeight: "70vh",
        allowInsertColumn: false,
        allowDeleteColumn: false,
        allowRenameColumn: false,
        columnSorting: false,
        wordWrap: true,
      },
    ],
  });
  found.forEach((text, at) => {
    const cell = text && sheet.getCellFromCoords(0, at);
    if (cell) {
      cell.classList.add("ruta-found");
      cell.title = text;
    }
  });
  form.hidden = false;
  form.addEventListener("submit", () => {
    const kept = sheet.getData().filter((row) => row.some((cell) => String(cell ?? "").trim()));
    form.elements.cells.value = csv([titles, ...kept]);
  });
}
