"""Pictures that a person lands on: the menu, a member's week, an operator's overview."""

from study.home.queries.overview import Cell, Overview, Row, overview, words_in
from study.home.queries.week import MyWeek, Task, my_week, seats

__all__ = ["Cell", "MyWeek", "Overview", "Row", "Task", "my_week", "overview", "seats", "words_in"]
