"""Pure functions over text: packs, gazetteer, query language, matching, evidence."""
