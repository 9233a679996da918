"""Recipes: how runs were trained."""

from studio.domain.recipe import Recipe
from studio.library.connection import Database
from studio.library.records import RecordTable


class RecipeStore:
    """Recipes by id; they are never changed, and stay when their runs go."""

    def __init__(self, database: Database) -> None:
        self._table = RecordTable(database, "recipes", Recipe)

    def add(self, recipe: Recipe) -> None:
        """Keep a new recipe."""
        self._table.add(recipe)

    def get(self, recipe_id: str) -> Recipe | None:
        """Return the recipe with this id, if there is one."""
        return self._table.get(recipe_id)

    def all(self) -> list[Recipe]:
        """Return all recipes, newest first."""
        return self._table.select("ORDER BY rowid DESC")
