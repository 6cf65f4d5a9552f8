"""Keep DSS projects and another side (a Govern node, or a plan file) in step: compare, show, then apply."""
