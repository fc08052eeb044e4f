"""What `baoxiu serve --demo` puts into an empty database: the shipped organisations, people and cases in full swing."""

from engine.demo.create import PASSWORD, DemoSummary, Login, create_demo, demo_logins, is_empty
from engine.demo.story import BrokenDemo

__all__ = ["PASSWORD", "BrokenDemo", "DemoSummary", "Login", "create_demo", "demo_logins", "is_empty"]
