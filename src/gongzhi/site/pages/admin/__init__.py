"""Set-up pages: areas, units of all kinds, people and roles, power list, packs and models, imports."""
