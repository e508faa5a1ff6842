"""Sources 数据来源: departments' files in, accepted and quarantined rows out. Verb: `accept`."""
