# SPDX-License-Identifier: GPL-3.0-or-later
"""What Orthanc's own web interfaces get added: the classic Orthanc Explorer and Orthanc Explorer 2."""

import re
from collections.abc import Callable
from typing import Protocol


class _Host(Protocol):
    def lead_to(self, page: str, explorer_script: str) -> None: ...

    def extend_page(self, pattern: str, page: str, extend: Callable[[bytes], bytes]) -> None: ...


#: What the classic Explorer runs; it is made with jQuery Mobile 1.1. Where `EMBEDDED` is true, a plain click
#: shows the page in a frame below a header of the Explorer's. A study's identifier is in the address.
_CLASSIC_SCRIPT = """
(function() {
  var embedded = EMBEDDED;
  function open(event) {
    if (!embedded || event.which > 1 || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    $('#router-frame').attr('src', this.href);
    $.mobile.changePage('#router');
  }
  function link(id, href, text) {
    return $('<a>').attr({id: id, href: href, 'data-role': 'button', 'data-ajax': 'false'}).text(text)
      .click(open);
  }
  $(function() {
    if (!embedded) { return; }
    $('<div data-role="page" id="router">' +
      '<div data-role="header"><h1>Routing</h1><a href="#lookup" data-icon="arrow-l">Lookup</a></div>' +
      '<iframe id="router-frame" title="Routing"></iframe></div>').appendTo('body');
    $('#router-frame').css({display: 'block', width: '100%', border: 0});
    if (window.location.hash === '#router') { $.mobile.changePage('#router'); }
  });
  function fill() {
    var header = $('#router [data-role="header"]').outerHeight();
    $('#router-frame').height($(window).height() - header);
  }
  $('#router').live('pageshow', function() {
    if (!$('#router-frame').attr('src')) { $('#router-frame').attr('src', '../router/app/'); }
    fill();
  });
  $(window).bind('resize', fill);
  $('#lookup').live('pagecreate', function() {
    if ($('#routing').length) { return; }
    link('routing', '../router/app/', 'Routing').prependTo($('#lookup [data-role="content"]:first'));
  });
  $('#study').live('pagebeforeshow', function() {
    $('#study-routing').remove();
    var study = $.mobile.pageData && $.mobile.pageData.uuid;
    if (!study) { return; }
    link('study-routing', '../router/app/studies/' + encodeURIComponent(study), 'Routing of this study')
      .button({icon: 'forward', theme: 'c'})
      .insertAfter($('#study-info'));
  });
})();
"""

#: The script that adds the page to Explorer 2's side bar; it lies among the page's files.
_EXPLORER_2_SCRIPT = "router/app/explorer2.js"


def extend_explorers(host: _Host, explorer_2: str, *, embedded: bool) -> None:
    """Have Orthanc's web interfaces lead to the page.

    `explorer_2`: where Explorer 2 is (`OrthancExplorer2.Root`), empty where it is switched off. `embedded`:
    whether the page is shown inside of them, in a frame, as far as they can.
    """
    host.lead_to("/router/app", _CLASSIC_SCRIPT.replace("EMBEDDED", "true" if embedded else "false"))
    if embedded and explorer_2:
        # Its places have one part, and no dot as its files have. `index.html` stays its own, to be asked for.
        # A path is compared without its last slash.
        pattern = f"{re.escape(explorer_2)}app(|/[^/.]*)"
        host.extend_page(
            pattern,
            f"{explorer_2}app/index.html",
            lambda page: with_script(page, explorer_2_script(explorer_2)),
        )


def explorer_2_script(root: str) -> str:
    """The address of the script as Explorer 2's page names it: relative, because of a proxy's prefix."""
    return "../" * root.count("/") + _EXPLORER_2_SCRIPT


def with_script(page: bytes, address: str) -> bytes:
    """A page that loads one more script; unchanged where it has no head to put it in."""
    return page.replace(b"</head>", b'<script type="module" src="%s"></script></head>' % address.encode(), 1)
