"""What people do, one verb a module: each flow is one transaction that can be read on one screen."""
