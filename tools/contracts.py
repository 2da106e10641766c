"""Our own import contract: one public module for each app."""

from importlinter import Contract, ContractCheck, fields, output


class OneDoor(Contract):
    """Whoever stands outside an app imports its `public` module (or `events`, or those of a channel kind).

    The command line and the worker may also import `training`: it is kept out of `public` on purpose, so that
    web processes never load what trains.
    """

    apps = fields.StringField()
    doors = ("public", "events")
    worker_doors = ("training",)

    def check(self, graph, verbose):  # type: ignore[no-untyped-def]  # the linter's own types are private
        """Find every import of an app's inside from elsewhere."""
        wrong = []
        for module in sorted(graph.modules):
            for target in sorted(graph.find_modules_directly_imported_by(module)):
                if self._passes_a_wall(module, target):
                    lines = [d["line_number"] for d in graph.get_import_details(importer=module, imported=target)]
                    wrong.append((module, target, lines[0] if lines else 0))
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def _passes_a_wall(self, module: str, target: str) -> bool:
        if not target.startswith(f"{self.apps}."):
            return False
        app, *inside = target.removeprefix(f"{self.apps}.").split(".")
        if module.startswith((f"{self.apps}.{app}.",)) or module == f"{self.apps}.{app}":
            return False
        from_pages = module.startswith("gongzhi.site.pages")
        doors = self.doors if from_pages else self.doors + self.worker_doors
        return not inside or inside[-1] not in doors

    def render_broken_contract(self, check):  # type: ignore[no-untyped-def]
        """Name each forbidden import."""
        for module, target, line in check.metadata["wrong"]:
            output.print_error(f"{module}:{line} imports {target}: only public or events may be imported")
