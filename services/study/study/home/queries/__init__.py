"""Read models: navigation, a member's week, an operator's overview."""

from study.home.queries.overview import Cell, Overview, Row, overview, statuses_in
from study.home.queries.week import MyWeek, Task, memberships, my_week

__all__ = ["Cell", "MyWeek", "Overview", "Row", "Task", "memberships", "my_week", "overview", "statuses_in"]
