// What the pages of mdBook lack for the keyboard and for screen readers.
'use strict';

(() => {
    const menu = document.getElementById('mdbook-menu-bar');
    if (menu) menu.setAttribute('role', 'banner');

    // A label of a hidden checkbox cannot be reached by the keyboard: a button takes its place.
    const label = document.getElementById('mdbook-sidebar-toggle');
    if (label) {
        const button = document.createElement('button');
        button.className = label.className;
        button.type = 'button';
        button.title = label.title;
        for (const name of ['aria-label', 'aria-controls']) {
            button.setAttribute(name, label.getAttribute(name));
        }
        button.append(...label.childNodes);
        const expand = () => {
            button.setAttribute('aria-expanded', label.getAttribute('aria-expanded') ?? 'false');
        };
        expand();
        new MutationObserver(expand).observe(label, { attributeFilter: ['aria-expanded'] });
        button.addEventListener('click', () => label.click());
        label.before(button);
        label.hidden = true;
        label.style.display = 'none';
    }

    // What scrolls sideways can be reached by the keyboard.
    const reach = () => {
        for (const box of document.querySelectorAll('main pre, main pre code, main .table-wrapper, main figure')) {
            if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
        }
    };
    reach();
    window.addEventListener('load', reach);
    window.addEventListener('resize', reach);
})();
