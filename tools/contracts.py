"""Our own import contract: one public module for each app."""

from importlinter import Contract, ContractCheck, fields, output


class OneDoor(Contract):
    """Whoever stands outside an app imports its `public` module (or `events`, or those of a channel kind).

    The `trainers` may also import `training`: it is kept out of `public` on purpose, so that web processes never
    load what trains.
    """

    apps = fields.StringField()
    trainers = fields.SetField(subfield=fields.ModuleField())
    doors = ("public", "events")
    training_door = "training"

    def check(self, graph, verbose):  # type: ignore[no-untyped-def]  # the linter's own types are private
        """Find every import of an app's inside from elsewhere."""
        wrong = []
        for module in sorted(graph.modules):
            for target in sorted(graph.find_modules_directly_imported_by(module)):
                if self._passes_a_wall(module, target):
                    found = graph.get_import_details(importer=module, imported=target)
                    wrong.append((module, target, found[0]["line_number"] if found else 0))
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def _passes_a_wall(self, module: str, target: str) -> bool:
        if not target.startswith(f"{self.apps}."):
            return False
        app, *inside = target.removeprefix(f"{self.apps}.").split(".")
        if f"{module}.".startswith(f"{self.apps}.{app}."):
            return False
        trains = any(f"{module}.".startswith(f"{trainer.name}.") for trainer in self.trainers)
        doors = (*self.doors, self.training_door) if trains else self.doors
        return not inside or inside[-1] not in doors

    def render_broken_contract(self, check):  # type: ignore[no-untyped-def]
        """Name each forbidden import and what to do."""
        for module, target, line in check.metadata["wrong"]:
            output.print_error(f"{module}:{line} imports {target}.")
        output.print_error(
            "Import the name from that app's `public`; if it is not there, add it there first."
        )
