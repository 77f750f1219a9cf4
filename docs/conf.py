"""How the documentation is built: `make docs`. References are generated from the code."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import aidline

project = "Aidline"
author = "The Aidline team"
copyright = "The Aidline team, Apache-2.0"
version = release = aidline.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "generated_pages"]
exclude_patterns = ["_build", "_ext", "jupyter_execute", "**.ipynb_checkpoints"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 900  # kernels may have to be compiled first, on a busy machine
nb_merge_streams = True

autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = "Aidline"
html_static_path = ["_static"]
html_css_files = ["docs.css"]
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0d3b4f", "color-brand-content": "#0d3b4f"},
    "dark_css_variables": {"color-brand-primary": "#8fc3d8", "color-brand-content": "#8fc3d8"},
}
