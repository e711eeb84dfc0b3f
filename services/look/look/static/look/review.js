/* Written by `make css` from services/look/look/js. */
(() => {
'use strict';

document.addEventListener('click', (event) => {
const link = event.target.closest('.diff tr:not(.said) td > a[href*="line="]');
if (!link || !window.htmx || event.ctrlKey || event.metaKey || event.shiftKey) return;
event.preventDefault();
const row = link.closest('tr');
const said = row.nextElementSibling?.matches('.said') ? row.nextElementSibling : null;
const body = said?.querySelector('textarea');
if (body) return void body.focus();
const url = new URL(link.href);
window.htmx.ajax('GET', `${url.pathname}line/${url.search}`, {
source: link, target: said || row, swap: said ? 'outerHTML' : 'afterend',
}).then(() => row.nextElementSibling?.querySelector('textarea')?.focus());
});
document.addEventListener('htmx:beforeSwap', ({ detail: { target } }) => {
if (!target.matches?.('.said') || !target.contains(document.activeElement)) return;
const link = target.previousElementSibling?.querySelector('td > a');
if (link) setTimeout(() => { if (document.activeElement === document.body) link.focus(); });
});

document.addEventListener('click', ({ target }) => {
const snippet = target.closest('[data-insert]');
const text = snippet?.parentElement.parentElement.querySelector('textarea');
if (!text) return;
text.setRangeText(snippet.dataset.insert, text.selectionStart, text.selectionEnd, 'end');
text.dispatchEvent(new Event('input', { bubbles: true }));
text.focus();
});

function markTab() {
const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
const pane = (target && target.closest('.pane')) || document.querySelector('.pane-first');
document.querySelectorAll('.pane-tabs a[href^="#"]').forEach((tab) => {
if (tab.hash === `#${pane.id}`) tab.setAttribute('aria-current', 'true');
else tab.removeAttribute('aria-current');
});
}
document.addEventListener('DOMContentLoaded', markTab);
window.addEventListener('hashchange', markTab);

const OFF = 'seodang:keys-off';
const keys = () => document.getElementById('keys');
const isTyping = (element) => element.matches('textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])');
const press = (key) => {
const element = document.querySelector(`[data-key="${key}"]`);
element?.click();
return element;
};

function score(level) {
const criteria = [...document.querySelectorAll('#review fieldset.criterion')];
const current = document.activeElement.closest('#review fieldset.criterion')
|| criteria.find((criterion) => !criterion.querySelector('input:checked'));
const choice = current?.querySelectorAll('input[type=radio]')[level - 1];
if (!choice) return;
choice.click();
const next = criteria[criteria.indexOf(current) + 1];
(next?.querySelector('input:checked') || next?.querySelector('input') || document.querySelector('[data-key=Enter]'))?.focus();
}

function goToFile(step) {
const files = [...document.querySelectorAll('.file')];
const current = files.findLastIndex((file) => file.getBoundingClientRect().top < window.innerHeight / 3);
const heading = files[Math.max(current + step, 0)]?.querySelector('h2');
if (!heading) return;
heading.tabIndex = -1;
heading.focus();
heading.scrollIntoView();
}

const ACTIONS = {
KeyN: () => goToFile(1),
KeyP: () => goToFile(-1),
KeyC: () => document.querySelector('[data-focus=KeyC] textarea')?.focus(),
};

document.addEventListener('keydown', (event) => {
if (event.defaultPrevented || event.isComposing || event.altKey) return;
if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
const form = document.activeElement.closest('form:not(#review)');
if (form) form.requestSubmit();
else press('Enter');
return event.preventDefault();
}
if (event.ctrlKey || event.metaKey || isTyping(document.activeElement) || document.querySelector('dialog[open]')) return;
if (localStorage.getItem(OFF)) return;
if (event.key === '?') keys().showModal();
else if (/^Digit[1-9]$/.test(event.code) && !event.shiftKey) score(Number(event.code.slice(5)));
else if (ACTIONS[event.code]) ACTIONS[event.code]();
else if (!/^Key/.test(event.code) || !press(event.code)) return;
event.preventDefault();
});
document.addEventListener('click', ({ target }) => { if (target.closest('button[data-key="?"]')) keys().showModal(); });
document.addEventListener('DOMContentLoaded', () => {
const box = document.getElementById('single-keys');
box.checked = !localStorage.getItem(OFF);
box.addEventListener('change', () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, '1')));
});
})();
