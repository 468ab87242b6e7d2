"""What the classic Orthanc Explorer gets added: a link on its first page, a button on each study."""

#: jQuery Mobile 1.1 is what the Explorer is made with. The study's identifier is in the address.
EXPLORER_SCRIPT = """
$('#lookup').live('pagecreate', function() {
  if ($('#routing').length) { return; }
  $('<a>').attr({id: 'routing', href: '../router/app/', 'data-role': 'button', 'data-ajax': 'false'})
    .text('Routing').prependTo($('#lookup [data-role="content"]:first'));
});
$('#study').live('pagebeforeshow', function() {
  $('#study-routing').remove();
  var study = $.mobile.pageData && $.mobile.pageData.uuid;
  if (!study) { return; }
  var href = '../router/app/studies/' + encodeURIComponent(study);
  $('<a>').attr({id: 'study-routing', href: href, 'data-ajax': 'false'})
    .text('Routing of this study').button({icon: 'forward', theme: 'c'})
    .insertAfter($('#study-info'));
});
"""
