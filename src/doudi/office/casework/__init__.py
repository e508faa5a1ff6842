"""The work on a family: findings, tasks, visits, cases with their steps, publicity, objections and decisions."""
