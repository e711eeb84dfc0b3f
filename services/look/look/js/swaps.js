/* What htmx swaps keeps the focus, and what changed is announced. */
(() => {
  'use strict';

  const FOCUSABLE = 'a[href], button:not(:disabled), input:not([type=hidden], :disabled), select, textarea, summary, [tabindex="0"]';
  /* After htmx has given the focus back to an id, and taken it to what has autofocus. */
  const SETTLED = 40;
  let lost = null;
  const observer = new MutationObserver(() => {
    if (lost.element.isConnected) return;
    observer.disconnect();
    setTimeout(restore, SETTLED);
  });

  /* How to find the same thing in the new content. */
  function selectorOf(element) {
    if (element.id) return `#${CSS.escape(element.id)}`;
    const of = (name) => (element.hasAttribute(name) ? `[${name}="${CSS.escape(element.getAttribute(name))}"]` : '');
    const form = element.form?.getAttribute('action');
    const found = ['name', 'value', 'href'].map(of).join('');
    const own = element.type === 'text' || element.type === 'search' ? of('name') : found;
    if (own) return element.localName + own;
    return form ? `form[action="${CSS.escape(form)}"] ${element.localName}` : null;
  }

  function remember({ detail }) {
    const { target } = detail;
    const element = document.activeElement;
    if (!target?.contains?.(element) || element === document.body) return;
    const isLeaving = 'leaves' in element.dataset;
    lost = {
      element,
      selector: selectorOf(element),
      id: target.id,
      /* A row that goes: the next one's button, else that of the one before. */
      rows: isLeaving ? [target.nextElementSibling, target.previousElementSibling].filter(Boolean) : [],
      parent: target.parentElement,
    };
    observer.observe(target.parentElement, { childList: true, subtree: true });
  }
  document.addEventListener('htmx:beforeSwap', (event) => { if (event.detail.shouldSwap) remember(event); });
  document.addEventListener('htmx:oobBeforeSwap', remember);

  const first = (root) => (root?.matches?.(FOCUSABLE) ? root : root?.querySelector(FOCUSABLE));
  function focusOn(element) {
    if (!element) return;
    if (!element.matches(FOCUSABLE)) element.tabIndex = -1;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: 'nearest' });
  }
  function restore() {
    const { selector, id, rows, parent } = lost;
    /* Something else has taken it meanwhile, such as what was added. */
    if (document.activeElement !== document.body) return;
    const row = rows.find((candidate) => candidate.isConnected);
    const root = id && document.getElementById(id);
    focusOn(row ? row.querySelector('[data-leaves]') || first(row)
      : selector && document.querySelector(`${selector}:not([tabindex="-1"])`)
      || first(root) || root || (parent.isConnected ? parent : document.getElementById('main')));
  }

  /* A region of role=status that comes with the new content is not spoken: the one of the page that stays is. */
  document.addEventListener('htmx:afterSwap', ({ detail }) => {
    const root = document.getElementById(detail.target.id) ?? detail.elt;
    const said = root?.matches?.('[data-announce]') ? root : root?.querySelector?.('[data-announce]');
    if (said) document.getElementById('announcer').textContent = (said.dataset.announce || said.textContent).trim();
  });
})();
