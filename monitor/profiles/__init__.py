"""Watch profiles: their YAML model, building them from seeds, matching, scoring, explaining and backtesting."""

from monitor.profiles.build import build_profile, draft_profile
from monitor.profiles.document import dump_profile, load_profile
from monitor.profiles.match import Matcher
from monitor.profiles.model import Profile

__all__ = ["Matcher", "Profile", "build_profile", "draft_profile", "dump_profile", "load_profile"]
