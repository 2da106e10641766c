"""All that other apps may use of dispatch."""

from gongzhi.apps.dispatch.actions import (
    Handing,
    TaskError,
    accept_task,
    add_helper,
    answer_task,
    deadline_of,
    dispatch_case,
    dispatch_opened,
    end_tasks,
    finish_task,
    return_task,
    save_power_item,
)
from gongzhi.apps.dispatch.models import PowerItem, Task, TaskStep
from gongzhi.apps.dispatch.queries import (
    RuleMatch,
    find_rule,
    forget_lines,
    lines_for,
    open_tasks,
    power_items,
    rule_for,
    task_by_id,
    tasks_of,
    work_list,
)
from gongzhi.apps.dispatch.rules import OPEN_TASKS

__all__ = [
    "OPEN_TASKS",
    "Handing",
    "PowerItem",
    "RuleMatch",
    "Task",
    "TaskError",
    "TaskStep",
    "accept_task",
    "add_helper",
    "answer_task",
    "deadline_of",
    "dispatch_case",
    "dispatch_opened",
    "end_tasks",
    "find_rule",
    "finish_task",
    "forget_lines",
    "lines_for",
    "open_tasks",
    "power_items",
    "return_task",
    "rule_for",
    "save_power_item",
    "task_by_id",
    "tasks_of",
    "work_list",
]
