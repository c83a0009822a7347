"""Settings of the site: python -m sphinx -W -n gardner/docs build/docs"""

import gardner
from gardner.docs.site import MATHJAX, mathjax_file

project = "gardner"
author = copyright = "The gardner developers"
version = release = gardner.__version__
root_doc = "index"
exclude_patterns = ["__pycache__"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax", "gardner.docs.site"]
extensions += ["gardner.docs.labels"]
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
myst_dmath_double_inline = True

# docstrings
autodoc_typehints = "none"  # the sections of a docstring say it
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_rtype = False
nitpick_ignore_regex = [("py:class", r"(?!gardner\.).*"), ("py:exc", r"(?!gardner\.).*")]  # of other packages

# nothing is fetched: MathJax is a file of the site
mathjax_path = MATHJAX
html_static_path = ["_static", str(mathjax_file())]
html_css_files = ["docs.css"]
html_theme = "furo"
html_title = f"gardner {version}"
html_copy_source = False
html_show_sphinx = False
