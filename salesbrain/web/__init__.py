"""Page layout, base view, charts, template tags and error pages of the customers' pages."""
