"""How Sphinx builds these pages: `make docs`, warnings are errors."""

project = "Newsbell"
author = "The Newsbell engineers"
extensions = ["myst_parser"]
root_doc = "index"
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "Watches feeds for your topics", "page_width": "1080px", "sidebar_width": "230px"}
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]
# Links to folders of the repository are no pages of Sphinx'; a test follows every link, these too.
suppress_warnings = ["myst.xref_missing"]
