// What the pages of mdBook lack for the keyboard and for screen readers.
'use strict';

(() => {
    const menu = document.getElementById('mdbook-menu-bar');
    if (menu) menu.setAttribute('role', 'banner');

    // A label for a hidden checkbox, used as a button.
    const toggle = document.getElementById('mdbook-sidebar-toggle');
    if (toggle) {
        toggle.setAttribute('role', 'button');
        toggle.tabIndex = 0;
        toggle.addEventListener('keydown', (event) => {
            if (event.key === 'Enter' || event.key === ' ') {
                event.preventDefault();
                toggle.click();
            }
        });
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
