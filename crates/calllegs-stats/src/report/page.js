(() => {
  // What is said of a shape appears beside the pointer, also where there is no pointer that rests.
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  document.body.append(tip);
  for (const title of document.querySelectorAll('main svg title')) {
    const of = title.parentNode;
    of.setAttribute('aria-label', title.textContent);
    of.removeAttribute('aria-labelledby');
    if (of.localName !== 'svg') of.dataset.tip = title.textContent;
    title.remove();
  }
  for (const cell of document.querySelectorAll('td[title]')) {
    cell.dataset.tip = cell.title;
    cell.removeAttribute('title');
  }
  document.addEventListener('pointermove', event => {
    const of = event.target instanceof Element ? event.target.closest('[data-tip]') : null;
    tip.hidden = !of;
    if (!of) return;
    tip.textContent = of.dataset.tip;
    const right = innerWidth - tip.offsetWidth - 8;
    tip.style.left = Math.max(8, Math.min(event.clientX + 12, right)) + 'px';
    const below = event.clientY + 18;
    tip.style.top = (below + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 12 : below) + 'px';
  });
  // A column sorts within each part of the table; what has no value stays below.
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent : cell.dataset.v === '' ? null : Number(cell.dataset.v);
  };
  for (const button of document.querySelectorAll('.sortable th button')) {
    button.addEventListener('click', () => {
      const head = button.closest('th');
      const table = head.closest('table');
      const isText = head.cellIndex === 0;
      const before = head.getAttribute('aria-sort');
      const way = before ? (before === 'descending' ? 1 : -1) : isText ? 1 : -1;
      for (const other of head.parentNode.cells) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', way > 0 ? 'ascending' : 'descending');
      for (const body of table.tBodies) {
        if (body.className === 'apart') continue;
        const rows = [...body.rows].map(row => [value(row, head.cellIndex), row]);
        rows.sort(([a], [b]) => a === null || b === null ? (a === null) - (b === null)
          : way * (isText ? a.localeCompare(b, document.documentElement.lang) : a - b));
        body.append(...rows.map(([, row]) => row));
      }
    });
  }
})();
