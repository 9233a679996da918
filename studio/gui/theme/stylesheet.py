"""The one stylesheet and the palette, both made from the tokens.

Object names that widgets use: ``h1 h2 display muted small good warn bad chip card column drop rail status banner toast
tools primary danger quiet tab link``. The palette is explicit because the offscreen platform knows no colour scheme.
"""

from dataclasses import asdict

from PySide6.QtGui import QColor, QPalette

from studio.gui.theme.tokens import Theme

_SHEET = """
* {{ font-size: 13px; }}
QWidget {{ color: {text}; }}
QMainWindow, QDialog, QWidget#ground {{ background: {ground}; }}
QWidget#clear, QScrollArea#clear, QStackedWidget#clear {{ background: transparent; border: none; }}
QDialog#palette {{ border: 1px solid {faint}; }}
QFrame#rail {{ background: {rail}; border: none; border-right: 1px solid {line}; }}
QFrame#status {{ background: {rail}; border: none; border-top: 1px solid {line}; }}
QFrame#card, QFrame#column {{ background: {surface}; border: 1px solid {line}; border-radius: 12px; }}
QFrame#card[chosen="true"] {{ border: 2px solid {accent}; }}
QFrame#card:focus {{ border: 2px solid {accent}; }}
QFrame#column[target="true"] {{ border: 2px solid {accent}; }}
QFrame#popover {{ background: {surface}; border: 1px solid {line}; border-radius: 10px; }}
QFrame#tools {{ background: {raised}; border: 1px solid {line}; border-radius: 9px; }}
QFrame#raised {{ background: {raised}; border: none; border-radius: 12px; }}
QFrame#drop {{ background: transparent; border: 2px dashed {line}; border-radius: 12px; }}
QFrame#drop[active="true"] {{ border-color: {accent}; background: {accent_ground}; }}
QFrame#banner {{ background: {bad_ground}; border: none; border-bottom: 1px solid {bad}; }}
QFrame#toast {{ background: {text}; border: none; border-radius: 10px; }}
QFrame#toast QLabel {{ color: {ground}; background: transparent; }}
QFrame#toast QPushButton {{ color: {ground}; background: transparent; border: 1px solid {muted}; padding: 4px 12px; }}
QFrame#toast QPushButton#quiet {{ border-color: transparent; padding: 0; }}
QFrame#status QPushButton {{ font-size: 12px; color: {muted}; padding: 1px 6px; }}
QFrame#status QPushButton:hover {{ color: {text}; }}
QFrame#status QPushButton:focus {{ padding: 0 5px; }}
QFrame#toast QPushButton:hover, QFrame#toast QPushButton:focus {{ border-color: {ground}; }}
QFrame#found {{ background: {accent_ground}; border: none; border-radius: 8px; }}
QFrame#line {{ background: {line}; border: none; }}

QLabel {{ background: transparent; }}
QLabel#display {{ font-size: 28px; font-weight: 600; }}
QLabel#h1 {{ font-size: 20px; font-weight: 600; }}
QLabel#h2 {{ font-size: 15px; font-weight: 600; }}
QLabel#muted {{ color: {muted}; }}
QLabel#small {{ color: {muted}; font-size: 12px; }}
QLabel#good {{ color: {good}; font-size: 12px; }}
QLabel#warn {{ color: {warn}; font-size: 12px; }}
QLabel#bad {{ color: {bad}; font-size: 12px; }}
QLabel#mono {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 12px; }}
QLabel#chip {{ background: {raised}; border: 1px solid {line}; border-radius: 9px; padding: 2px 8px;
  font-size: 12px; color: {muted}; }}

QLineEdit, QTextEdit, QPlainTextEdit, QSpinBox, QDoubleSpinBox, QDateTimeEdit, QComboBox {{
  background: {raised}; color: {text}; border: 1px solid {line}; border-radius: 9px; padding: 7px 11px;
  selection-background-color: {accent}; selection-color: {on_accent}; placeholder-text-color: {muted}; }}
QLineEdit:hover, QTextEdit:hover, QPlainTextEdit:hover, QComboBox:hover, QSpinBox:hover, QDoubleSpinBox:hover,
QDateTimeEdit:hover
  {{ background: {hover}; }}
QLineEdit:focus, QTextEdit:focus, QPlainTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus,
QDateTimeEdit:focus
  {{ border: 2px solid {accent}; padding: 6px 10px; }}
QLineEdit:disabled, QTextEdit:disabled, QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled
  {{ color: {faint}; }}
QLineEdit#bare, QTextEdit#bare, QPlainTextEdit#bare {{ background: transparent; border: none; padding: 0; }}
QComboBox::drop-down, QDateTimeEdit::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow, QDateTimeEdit::down-arrow {{ image: url({chevron_down}); width: 14px; height: 14px; }}
QComboBox QAbstractItemView {{ background: {surface}; border: 1px solid {line}; padding: 4px; outline: none;
  selection-background-color: {accent_ground}; selection-color: {text}; }}
QSpinBox::up-button, QDoubleSpinBox::up-button {{ border: none; width: 22px; subcontrol-position: top right; }}
QSpinBox::down-button, QDoubleSpinBox::down-button {{ border: none; width: 22px; subcontrol-position: bottom right; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url({chevron_up}); width: 12px; height: 12px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{ image: url({chevron_down}); width: 12px; height: 12px; }}

QPushButton {{ background: {raised}; color: {text}; border: 1px solid {line}; border-radius: 9px; padding: 7px 14px; }}
QPushButton:hover {{ background: {hover}; }}
QPushButton:pressed {{ background: {line}; }}
QPushButton:focus {{ border: 2px solid {accent}; padding: 6px 13px; }}
QPushButton:disabled {{ color: {faint}; }}
QPushButton:checked {{ background: {accent_ground}; border-color: {accent}; }}
QPushButton::menu-indicator {{ width: 0; }}
QPushButton#primary {{ background: {accent}; color: {on_accent}; border: 1px solid {accent}; font-weight: 600; }}
QPushButton#primary:hover {{ background: {accent_hover}; }}
QPushButton#primary:focus {{ border: 2px solid {text}; }}
QPushButton#primary:disabled {{ background: {line}; border-color: {line}; color: {muted}; }}
QPushButton#danger {{ color: {bad}; }}
QPushButton#danger:hover {{ background: {bad_ground}; }}
QPushButton#quiet, QPushButton#link {{ background: transparent; border: 1px solid transparent; padding: 6px 10px; }}
QPushButton#quiet:hover {{ background: {hover}; }}
QPushButton#quiet:focus, QPushButton#link:focus {{ border: 2px solid {accent}; padding: 5px 9px; }}
QPushButton#quiet[iconOnly="true"] {{ padding: 4px; }}
QPushButton#small_button {{ padding: 1px 8px; border-radius: 7px; font-size: 12px; min-height: 20px; }}
QPushButton#small_button:focus {{ padding: 0 7px; }}
QPushButton#quiet[iconOnly="true"]:focus {{ padding: 3px; }}
QPushButton#quiet[switch="true"] {{ background: transparent; border-color: transparent; font-size: 12px; color: {muted};
  padding: 2px 6px; }}
QPushButton#quiet[switch="true"]:hover {{ background: {hover}; }}
QPushButton#quiet[switch="true"]:focus {{ border: 2px solid {accent}; padding: 1px 5px; }}
QPushButton#link {{ color: {accent}; padding: 2px 4px; }}
QPushButton#link:focus {{ padding: 1px 3px; }}
QPushButton#link:hover {{ text-decoration: underline; }}
QPushButton#removable {{ background: {accent_ground}; color: {text}; border: 1px solid {line}; border-radius: 9px;
  padding: 2px 8px; font-size: 12px; }}
QPushButton#removable:hover {{ background: {hover}; }}
QPushButton#removable:focus {{ border: 2px solid {accent}; padding: 1px 7px; }}
QPushButton#excerpt {{ background: {raised}; border: 1px solid transparent; border-radius: 7px; padding: 0; }}
QPushButton#excerpt:hover {{ background: {hover}; }}
QPushButton#excerpt:focus {{ border: 2px solid {accent}; }}
QPushButton#tab {{ padding: 7px 16px; font-weight: 600; }}
QPushButton#tab:focus {{ padding: 6px 15px; }}
QPushButton#tab:checked {{ background: {accent}; color: {on_accent}; border-color: {accent}; }}
QPushButton#tab:checked:focus {{ border: 2px solid {text}; }}

QToolButton {{ background: transparent; border: 2px solid transparent; border-radius: 10px; padding: 6px 2px;
  color: {muted}; font-size: 12px; }}
QToolButton:hover {{ background: {hover}; }}
QToolButton:checked {{ background: {raised}; color: {text}; }}
QToolButton:focus {{ border-color: {accent}; }}
QToolButton:disabled {{ color: {faint}; }}
QToolButton::menu-indicator {{ image: none; }}

QCheckBox, QRadioButton {{ background: transparent; spacing: 8px; padding: 3px; border: 2px solid transparent;
  border-radius: 6px; }}
QCheckBox:focus, QRadioButton:focus {{ border-color: {accent}; }}
QCheckBox::indicator, QRadioButton::indicator {{ width: 15px; height: 15px; border: 1px solid {faint};
  background: {raised}; }}
QCheckBox::indicator {{ border-radius: 4px; }}
QRadioButton::indicator {{ border-radius: 8px; }}
QCheckBox::indicator:hover, QRadioButton::indicator:hover {{ border-color: {accent}; }}
QCheckBox::indicator:checked {{ background: {accent}; border-color: {accent}; image: url({check}); }}
QCheckBox::indicator:indeterminate {{ background: {accent_ground}; border-color: {accent}; }}
QRadioButton::indicator:checked {{ background: {raised}; border: 5px solid {accent}; width: 7px; height: 7px; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {faint}; }}

QSlider {{ background: transparent; min-height: 22px; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {line}; }}
QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {accent}; }}
QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: {text}; }}
QSlider::handle:horizontal:focus {{ border: 3px solid {accent}; width: 10px; height: 10px; }}
QSlider::handle:horizontal:hover {{ background: {accent}; }}
QSlider::handle:horizontal:disabled {{ background: {faint}; }}
QSlider::sub-page:horizontal:disabled {{ background: {line}; }}

QProgressBar {{ background: {line}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px;
  color: transparent; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}

QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {scroll}; border-radius: 4px; margin: 2px; min-height: 28px; min-width: 28px; }}
QScrollBar::handle:hover {{ background: {faint}; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page
  {{ background: transparent; border: none; width: 0; height: 0; }}
QScrollArea {{ border: none; background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; }}

QListView, QTreeView, QTableView {{ background: {surface}; border: 1px solid {line}; border-radius: 9px; outline: none;
  selection-background-color: {accent_ground}; selection-color: {text}; alternate-background-color: {raised}; }}
QListView#clear, QTreeView#clear, QTableView#clear {{ background: transparent; border: none; }}
QTableView#clear {{ selection-background-color: transparent; }}
QListView:focus, QTreeView:focus, QTableView:focus {{ border-color: {accent}; }}
QListView#clear:focus, QTableView#clear:focus {{ border: none; }}
QListView::item, QTreeView::item {{ padding: 5px; }}
QHeaderView::section {{ background: {surface}; color: {muted}; border: none; border-bottom: 1px solid {line};
  padding: 6px 8px; font-size: 12px; }}
QSplitter::handle {{ background: transparent; }}

QMenu {{ background: {surface}; border: 1px solid {line}; padding: 6px; border-radius: 9px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 6px; }}
QMenu::item:selected {{ background: {accent_ground}; color: {text}; }}
QMenu::item:disabled {{ color: {faint}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 5px 8px; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {line}; padding: 6px 8px; }}
"""


def stylesheet(theme: Theme, images: dict[str, str]) -> str:
    """Return the sheet for ``theme``. ``images`` are the paths of ``check``, ``chevron_up`` and ``chevron_down``."""
    from studio.gui.theme.tokens import mix

    extra = {"accent_hover": mix(theme.accent, theme.on_accent, 0.1), "scroll": mix(theme.line, theme.faint, 0.4)}
    return _SHEET.format(**asdict(theme), **extra, **images)


def palette(theme: Theme) -> QPalette:
    """Return the palette for what no stylesheet rule reaches (native dialogs' parts, links, item views)."""
    made = QPalette()
    roles = QPalette.ColorRole
    for role, colour in {
        roles.Window: theme.ground, roles.WindowText: theme.text, roles.Base: theme.surface,
        roles.AlternateBase: theme.raised, roles.Text: theme.text, roles.Button: theme.raised,
        roles.ButtonText: theme.text, roles.BrightText: theme.bad, roles.Highlight: theme.accent,
        roles.HighlightedText: theme.on_accent, roles.ToolTipBase: theme.raised, roles.ToolTipText: theme.text,
        roles.PlaceholderText: theme.muted, roles.Link: theme.accent, roles.LinkVisited: theme.accent,
        roles.Light: theme.hover, roles.Midlight: theme.hover, roles.Mid: theme.line, roles.Dark: theme.line,
        roles.Shadow: theme.rail, roles.Accent: theme.accent,
    }.items():  # fmt: skip
        made.setColor(role, QColor(colour))
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.faint))
    return made
