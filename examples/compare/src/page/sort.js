"use strict";
// A click on a column's head sorts the table by it, and another click turns the order round.
for (const button of document.querySelectorAll("thead button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const descending = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const column = head.cellIndex;
    const body = head.closest("table").tBodies[0];
    const key = (row) => {
      const cell = row.cells[column];
      if (!cell.classList.contains("number")) return cell.textContent.trim();
      return "value" in cell.dataset ? Number(cell.dataset.value) : null;
    };
    const compare = (a, b) => {
      const [x, y] = [key(a), key(b)];
      // What has no number stays last, whichever way.
      if (x === null || y === null) return (x === null) - (y === null);
      const order = typeof x === "number" ? x - y : x.localeCompare(y);
      return descending ? -order : order;
    };
    body.append(...[...body.rows].sort(compare));
  });
}
