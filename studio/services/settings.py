"""Settings: checked against their declaration, kept in the library, told when they change."""

from studio.domain.changes import Kind
from studio.domain.errors import StudioError
from studio.library.library import Library
from studio.options import Option, checked, options_of
from studio.services.change_feed import ChangeFeed
from studio.settings.preferences import Preferences


class Settings:
    """One value per name; what was never set has its default."""

    def __init__(self, library: Library, changes: ChangeFeed) -> None:
        self._library = library
        self._changes = changes
        self._options = options_of(Preferences)

    def all(self) -> dict[str, Option]:
        """Every setting with its label, help and default."""
        return dict(self._options)

    def get(self, name: str) -> object:
        """The value of a setting; a stored one that is no longer valid counts as unset."""
        one = self._option(name)
        stored = self._library.settings.get(name, one.default)
        try:
            return checked(one, stored)
        except ValueError:
            return one.default

    def text(self, name: str) -> str:
        """The value of a setting of words."""
        return str(self.get(name))

    def set(self, name: str, value: object) -> None:
        """Check and keep a value."""
        try:
            ready = checked(self._option(name), value)
        except ValueError as error:
            raise StudioError("options_invalid", problems=str(error)) from error
        self._library.settings.set(name, ready)
        self._changes.tell(Kind.SETTING, ids=(name,))

    def _option(self, name: str) -> Option:
        if name not in self._options:
            known = ", ".join(self._options)
            raise StudioError("options_invalid", problems=f"there is no setting '{name}' (known: {known})")
        return self._options[name]
