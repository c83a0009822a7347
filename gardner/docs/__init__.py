"""The documentation: its pages in Markdown, and what is made of the code for them when the site is built."""
