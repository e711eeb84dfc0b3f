/* What is typed into a draft is kept in this browser until the server has it, and shown in its other tabs. */
(() => {
  'use strict';

  const PREFIX = 'seodang:draft:';
  const KEPT_DAYS = 7;
  const NOT_KEPT = new Set(['csrfmiddlewaretoken', 'idempotency_key']);

  /* Of the account, the address that saves the form, and for a comment on a line its place. */
  function keyOf(form) {
    const { account_id: account, path, side, line } = form.elements;
    const to = form.querySelector('[data-draft][hx-post]')?.getAttribute('hx-post');
    const place = [path, side, line].map((field) => field?.value ?? '').join(':');
    return to && account && `${PREFIX}${account.value}:${to}:${place}`;
  }
  const valuesOf = (form) => Object.fromEntries([...new FormData(form)].filter(([name]) => !NOT_KEPT.has(name)));
  const isTyped = (form) => form.dataset.unsaved === 'typed';

  /* Without storage (a private window) the page still asks before it is left. */
  function keep(key, state) {
    try {
      if (state) localStorage.setItem(key, JSON.stringify({ ...state, at: Date.now() }));
      else localStorage.removeItem(key);
    } catch { /* full or forbidden */ }
  }
  function find(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  function show(form, values) {
    Object.entries(values).forEach(([name, value]) => {
      const field = form.elements.namedItem(name);
      if (!field) return;
      field.value = value;
      /* A comment that was hidden until it says something. */
      if (value && field.closest) field.closest('details')?.setAttribute('open', '');
    });
    /* The answer to a saving replaces the revision of this page by its id. */
    form.elements.revision.id = `revision-${form.elements.page_id.value}`;
    const total = form.querySelector('[data-points]') && document.querySelector('[data-total]');
    if (total) total.textContent = [...form.querySelectorAll('[data-points]:checked')].reduce((points, input) => points + Number(input.dataset.points), 0);
  }

  document.addEventListener('input', ({ target: { form } }) => {
    const key = form && keyOf(form);
    /* After the other listener, which counts the edits. */
    if (key) setTimeout(() => keep(key, { values: valuesOf(form) }));
  });
  document.addEventListener('htmx:afterSettle', ({ detail }) => {
    const form = detail.requestConfig?.elt.closest?.('[data-draft]')?.closest('form');
    const key = form && keyOf(form);
    if (!key || isTyped(form)) return;
    /* Other tabs learn the revision; then nothing has to be kept. */
    keep(key, { values: valuesOf(form) });
    keep(key, null);
  });
  document.addEventListener('submit', ({ target }) => {
    const key = navigator.onLine && keyOf(target);
    if (key) keep(key, null);
  });

  window.addEventListener('storage', ({ key, newValue }) => {
    const form = newValue && [...document.forms].find((candidate) => keyOf(candidate) === key);
    if (form && !isTyped(form)) show(form, JSON.parse(newValue).values);
  });

  /* What did not reach the server is typed again, and saved as typing is. */
  function restore(form) {
    const key = keyOf(form);
    const kept = key && find(key);
    if (!kept || isTyped(form)) return;
    if (Date.now() - kept.at > KEPT_DAYS * 86400000) return keep(key, null);
    show(form, kept.values);
    form.dataset.unsaved = 'typed';
    form.elements.edits.dispatchEvent(new Event('input', { bubbles: true }));
    document.dispatchEvent(new CustomEvent('toast', { detail: { value: form.querySelector('[data-draft]').dataset.restored } }));
  }
  document.addEventListener('DOMContentLoaded', () => [...document.forms].forEach(restore));
  document.addEventListener('htmx:load', ({ detail: { elt } }) => elt.querySelectorAll?.('form').forEach(restore));
})();
