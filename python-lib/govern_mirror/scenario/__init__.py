"""The reporting scenario as DSS stores it: its definition built, merged into one that is there, read back, taken out.

A scenario is found by its tag. Within it a step, trigger or reporter of ours is known by its id (its name bears the
same word, should DSS give it another id); everything else belongs to people and stays as it is, where it is. Of our
own parts, too, only the values named in `Part.owned` are written again: a filter set in the report's step, a step
switched off or a reworded mail stays.

Shapes: `platform-facts.md`, Scenarios.
"""
