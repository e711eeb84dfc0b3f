/* Written by `make css` from services/look/look/js. */
(() => {
'use strict';

const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
const toasts = () => document.getElementById('toasts');

const toast = (value) => document.dispatchEvent(new CustomEvent('toast', { detail: { value } }));

document.addEventListener('submit', (event) => {
const field = event.target.elements.namedItem('csrfmiddlewaretoken');
if (field && token()) field.value = token();
}, true);
document.addEventListener('htmx:configRequest', ({ detail }) => {
if (!token()) return;
detail.headers['X-CSRFToken'] = token();
if (detail.parameters.has?.('csrfmiddlewaretoken')) detail.parameters.set('csrfmiddlewaretoken', token());
});

const clearBusy = () => document.querySelectorAll('button[aria-busy="true"]').forEach((button) => button.removeAttribute('aria-busy'));
document.addEventListener('submit', (event) => {
const button = event.submitter;
if (!button || event.defaultPrevented || event.target.method === 'dialog') return;
setTimeout(() => { button.setAttribute('aria-busy', 'true'); setTimeout(clearBusy, 10000); });
});
window.addEventListener('pageshow', clearBusy);

window.addEventListener('pageshow', () => {
if (!sessionStorage.getItem('seodang:unanswered')) return;
sessionStorage.removeItem('seodang:unanswered');
toast(toasts().dataset.failed);
});
document.addEventListener('htmx:afterRequest', clearBusy);

document.addEventListener('input', ({ target }) => {
const form = target.form;
if (!form) return;
if ('unsaved' in form.dataset) {
if (form.dataset.unsaved !== 'typed') form.dataset.since = Date.now();
form.dataset.unsaved = 'typed';
}
const edits = form.elements.namedItem('edits');
if (edits) edits.value = Number(edits.value) + 1;
const total = form.querySelector('[data-points]') && document.querySelector('[data-total]');
if (total) total.textContent = [...form.querySelectorAll('[data-points]:checked')].reduce((points, input) => points + Number(input.dataset.points), 0);
});
document.addEventListener('submit', ({ target }) => {
if (target.getAttribute('action') !== '/accounts/logout/') return;
Object.keys(localStorage).filter((key) => key.startsWith('seodang:draft:')).forEach((key) => localStorage.removeItem(key));
});
document.addEventListener('submit', ({ target }) => { if (target.dataset.unsaved) target.dataset.unsaved = 'sent'; });

const typed = () => [...document.querySelectorAll('form[data-unsaved="typed"]')];
const drafts = () => typed().map((form) => form.querySelector('[data-draft]')).filter(Boolean);
const save = (draft) => window.htmx?.trigger(draft, 'save');
const saveDrafts = () => drafts().forEach(save);
setInterval(() => drafts().filter((draft) => !draft.dataset.draft).forEach(save), 10000);
const sendDrafts = () => drafts().forEach((draft) => {
const body = new FormData(draft.closest('form'));
body.delete('idempotency_key');
if (token()) body.set('csrfmiddlewaretoken', token());
const headers = { 'HX-Request': 'true', 'X-CSRFToken': token() };
fetch(draft.getAttribute('hx-post'), { method: 'POST', keepalive: true, headers, body }).catch(() => {});
});
const mustAsk = (form) => form.querySelector('[data-draft]')?.dataset.draft !== '' || !navigator.onLine
|| Date.now() - form.dataset.since > 15000 || !('keepalive' in Request.prototype)
|| new Blob([...new FormData(form).values()]).size > 50000;
document.addEventListener('visibilitychange', () => (document.hidden ? sendDrafts() : saveDrafts()));
window.addEventListener('pageshow', ({ persisted }) => { if (persisted) saveDrafts(); });
window.addEventListener('online', saveDrafts);
window.addEventListener('beforeunload', (event) => { if (typed().some(mustAsk)) event.preventDefault(); });
document.addEventListener('htmx:afterRequest', ({ detail: { xhr, requestConfig } }) => {
const draft = requestConfig.elt;
if (!('draft' in draft.dataset)) return;
const form = draft.closest('form');
const isSignedOut = xhr.getResponseHeader('HX-Redirect');
const isSaved = xhr.status === 200 && !isSignedOut;
draft.dataset.draft = isSaved ? '' : 'failed';
draft.setAttribute('aria-live', isSaved ? 'off' : 'polite');
if (isSaved) form.dataset.since = Date.now();
if (isSaved && form.dataset.unsaved === 'typed' && form.elements.edits.value === requestConfig.parameters.edits) form.dataset.unsaved = '';
if (isSaved || xhr.status === 409) return;
const error = document.createElement('span');
error.className = 'error';
error.setAttribute('role', 'alert');
error.textContent = isSignedOut ? draft.dataset.signedOut : xhr.status ? draft.dataset.failed : draft.dataset.offline;
if (draft.textContent !== error.textContent) draft.replaceChildren(error);
});

document.addEventListener('click', (event) => {
const link = event.target.closest('a[data-confirm]');
const dialog = document.getElementById('dialog');
if (link && window.htmx && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
event.preventDefault();
window.htmx.ajax('GET', link.href, { source: link, target: dialog, select: '#confirm', swap: 'innerHTML' })
.then(() => (dialog.childElementCount ? dialog.showModal() : location.assign(link.href)));
} else if (dialog?.open && event.target.closest('a[data-close]')) {
event.preventDefault();
dialog.close();
}
});
document.addEventListener('close', ({ target }) => { if (target.id === 'dialog') target.replaceChildren(); }, true);

const chosenTheme = () => document.cookie.match(/(?:^|; )theme=(light|dark)(?:;|$)/)?.[1] ?? 'system';
function showTheme(theme) {
if ((document.documentElement.dataset.theme ?? 'system') === theme) return;
if (theme === 'system') delete document.documentElement.dataset.theme;
else document.documentElement.dataset.theme = theme;
document.querySelector('meta[name="color-scheme"]').content = theme === 'system' ? 'light dark' : theme;
const media = (scheme) => (theme === 'system' ? `(prefers-color-scheme: ${scheme})` : theme === scheme ? 'all' : 'not all');
document.querySelectorAll('meta[name="theme-color"]').forEach((meta, n) => { meta.media = media(n ? 'dark' : 'light'); });
document.querySelectorAll('button[name="theme"]').forEach((button) => {
if (button.value === theme) button.setAttribute('aria-current', 'true');
else button.removeAttribute('aria-current');
});
}
document.addEventListener('submit', ({ submitter }) => { if (submitter?.name === 'theme') showTheme(submitter.value); });
document.addEventListener('htmx:afterRequest', ({ detail }) => { if (detail.pathInfo.requestPath === '/accounts/theme/') showTheme(chosenTheme()); });
window.addEventListener('pageshow', () => showTheme(chosenTheme()));
document.addEventListener('visibilitychange', () => { if (!document.hidden) showTheme(chosenTheme()); });

document.documentElement.classList.add('js');
document.addEventListener('click', ({ target }) => {
const field = document.getElementById(target.closest('[data-copy]')?.dataset.copy);
if (!field) return;
field.select();
navigator.clipboard?.writeText(field.value).then(() => toast(toasts().dataset.copied));
});

document.addEventListener('click', ({ target }) => {
const name = target.closest('[data-select-all]')?.dataset.selectAll;
if (!name) return;
const boxes = [...document.querySelectorAll(`input[type=checkbox][name="${name}"]`)];
const isOn = boxes.some((box) => !box.checked);
boxes.forEach((box) => { box.checked = isOn; });
});

const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

async function subscribe(form) {
if (await Notification.requestPermission() !== 'granted') {
clearBusy();
return toast(form.dataset.denied);
}
await navigator.serviceWorker.register('/service-worker.js');
const { pushManager } = await navigator.serviceWorker.ready;
const options = { userVisibleOnly: true, applicationServerKey: form.dataset.push };
const subscription = await pushManager.subscribe(options).catch(async () => {
await (await pushManager.getSubscription())?.unsubscribe();
return pushManager.subscribe(options);
});
form.elements.endpoint.value = subscription.endpoint;
form.elements.p256dh.value = base64(subscription.getKey('p256dh'));
form.elements.auth.value = base64(subscription.getKey('auth'));
form.submit();
}

document.addEventListener('DOMContentLoaded', () => {
const form = document.querySelector('form[data-push]');
if (form && 'PushManager' in window && 'serviceWorker' in navigator) form.classList.add('can-push');
});
document.addEventListener('submit', (event) => {
const form = event.target;
if (!form.matches('form[data-push]')) return;
event.preventDefault();
subscribe(form).catch(() => { clearBusy(); toast(form.dataset.failed); });
});

const close = (except) => document.querySelectorAll('details.menu[open]').forEach((menu) => {
if (!menu.contains(except)) menu.open = false;
});
document.addEventListener('click', (event) => close(event.target));
document.addEventListener('keydown', (event) => {
const menu = document.querySelector('details.menu[open]');
if (event.key !== 'Escape' || !menu) return;
menu.open = false;
menu.querySelector('summary').focus();
});

const ARROWS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
const cellLinks = (row) => [...row.querySelectorAll('td a')];
const oneTabStop = () => document.querySelectorAll('[data-arrow-keys] tbody').forEach((body) =>
cellLinks(body).forEach((link, n) => { link.tabIndex = n ? -1 : 0; }));
document.addEventListener('DOMContentLoaded', oneTabStop);
document.addEventListener('htmx:afterSettle', oneTabStop);
document.addEventListener('keydown', (event) => {
const [down, right] = ARROWS[event.key] || [];
const from = down !== undefined && event.target.closest('[data-arrow-keys] td a');
if (!from) return;
event.preventDefault();
const column = from.closest('td').cellIndex;
const rows = [...from.closest('tbody').rows].filter((row) => cellLinks(row).length);
const row = rows.indexOf(from.closest('tr'));
const inRow = cellLinks(rows[row]);
const distance = (link) => Math.abs(link.closest('td').cellIndex - column);
const to = right ? inRow[inRow.indexOf(from) + right]
: rows[row + down] && cellLinks(rows[row + down]).sort((one, other) => distance(one) - distance(other))[0];
if (!to) return;
from.tabIndex = -1;
to.tabIndex = 0;
to.focus();
});

const requestElement = ({ requestConfig }) => requestConfig.elt;
const isQuiet = (detail) => requestElement(detail).closest('[data-quiet]');
document.addEventListener('htmx:beforeSwap', ({ detail }) => {
if (detail.xhr.status === 409 && 'draft' in requestElement(detail).dataset) detail.shouldSwap = true;
if (!detail.shouldSwap || detail.select || requestElement(detail).closest('[hx-select]')) return;
if (!/^\s*<!doctype/i.test(detail.serverResponse)) return;
detail.shouldSwap = false;
if (!isQuiet(detail)) location.assign(detail.xhr.responseURL);
});
document.addEventListener('htmx:beforeOnLoad', (event) => {
if (isQuiet(event.detail) && event.detail.xhr.getResponseHeader('HX-Redirect')) event.preventDefault();
});
document.addEventListener('htmx:responseError', ({ detail }) => { if (!isQuiet(detail)) toast(toasts().dataset.failed); });
document.addEventListener('htmx:sendError', ({ detail }) => { if (!isQuiet(detail)) toast(toasts().dataset.offline); });
})();
(() => {
'use strict';

const MAX_TOASTS = 3;
const SECONDS = 8;
const toasts = () => document.getElementById('toasts');

function expire(element) {
if (element.querySelector('[data-undo]')) return;
let timer;
const start = () => {
clearTimeout(timer);
timer = setTimeout(() => { if (!element.matches(':hover, :focus-within')) element.remove(); }, SECONDS * 1000);
};
['pointerleave', 'focusout'].forEach((name) => element.addEventListener(name, start));
start();
}
function arrive() {
const all = [...toasts().children];
const isFree = (element) => !element.contains(document.activeElement);
all.slice(0, -MAX_TOASTS).filter(isFree).forEach((element) => element.remove());
all.filter((element) => !('since' in element.dataset)).forEach((element) => {
element.dataset.since = '';
expire(element);
});
}
document.addEventListener('DOMContentLoaded', () => new MutationObserver(arrive).observe(toasts(), { childList: true }));

document.addEventListener('toast', ({ detail: { value } }) => {
const element = document.getElementById('toast').content.firstElementChild.cloneNode(true);
element.querySelector('[data-text]').textContent = value;
[...toasts().children].filter((other) => other.querySelector('p')?.textContent === value).forEach((other) => other.remove());
toasts().append(element);
});

let before = null;
document.addEventListener('focusin', ({ target, relatedTarget }) => {
if (target.closest('[data-message]') && !relatedTarget?.closest('[data-message]')) before = relatedTarget;
});
function close(message) {
const hadFocus = message.contains(document.activeElement);
const list = message.parentElement;
message.remove();
if (list.matches('.notices') && !list.childElementCount) list.remove();
if (hadFocus) (before?.isConnected ? before : document.getElementById('main'))?.focus();
}
document.addEventListener('click', ({ target }) => {
if (target.closest('[data-close-message]')) close(target.closest('[data-message]'));
});
document.addEventListener('keydown', (event) => {
if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open], details.menu[open]')) return;
const message = document.activeElement.closest('[data-message]') || [...toasts().querySelectorAll(':scope > [data-message]')].at(-1);
if (message) close(message);
});

window.addEventListener('pageshow', () => setTimeout(() => {
const notices = document.querySelector('.notices');
if (notices && !notices.contains(document.activeElement)) notices.append(...notices.children);
}, 150));
})();
(() => {
'use strict';

const FOCUSABLE = 'a[href], button:not(:disabled), input:not([type=hidden], :disabled), select, textarea, summary, [tabindex="0"]';
const SETTLED = 40;
let lost = null;
const observer = new MutationObserver(() => {
if (lost.element.isConnected) return;
observer.disconnect();
setTimeout(restore, SETTLED);
});

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
if (document.activeElement !== document.body) return;
const row = rows.find((candidate) => candidate.isConnected);
const root = id && document.getElementById(id);
focusOn(row ? row.querySelector('[data-leaves]') || first(row)
: selector && document.querySelector(`${selector}:not([tabindex="-1"])`)
|| first(root) || root || (parent.isConnected ? parent : document.getElementById('main')));
}

document.addEventListener('htmx:afterSwap', ({ detail }) => {
const root = document.getElementById(detail.target.id) ?? detail.elt;
const said = root?.matches?.('[data-announce]') ? root : root?.querySelector?.('[data-announce]');
if (said) document.getElementById('announcer').textContent = (said.dataset.announce || said.textContent).trim();
});
})();
(() => {
'use strict';

const AT_ONCE = 40;
const known = new Map();

async function ask(ids) {
ids.forEach((id) => known.set(id, false));
const response = await fetch(`/accounts/avatars/?of=${ids.join()}`);
(await response.json()).forEach((id) => known.set(id, true));
}

async function show() {
const places = [...document.querySelectorAll('[data-avatar]:not(:has(img))')];
const unknown = [...new Set(places.map((place) => place.dataset.avatar))].filter((id) => !known.has(id));
const requests = [];
while (unknown.length) requests.push(ask(unknown.splice(0, AT_ONCE)));
await Promise.allSettled(requests);
places.filter((place) => known.get(place.dataset.avatar) && !place.querySelector('img')).forEach((place) => {
const image = Object.assign(new Image(), { loading: 'lazy', decoding: 'async', alt: '' });
image.src = `/accounts/avatars/${place.dataset.avatar}/`;
place.append(image);
});
}
window.addEventListener('load', show);
document.addEventListener('htmx:afterSettle', show);
})();
