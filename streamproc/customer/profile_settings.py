"""`config/profile.toml`: what a customer's profile says of their worth and their interests."""

from streamproc.config_file import Table
from streamproc.customer.clv import DEFAULT_CLV, ClvSettings
from streamproc.customer.interest_settings import DEFAULT_INTERESTS, InterestSettings
from streamproc.customer.rfm import DEFAULT_RFM, RfmSettings


class ProfileSettings(Table):
    """The file; what it does not say is as in the file that is shipped."""

    rfm: RfmSettings = DEFAULT_RFM
    clv: ClvSettings = DEFAULT_CLV
    interests: InterestSettings = DEFAULT_INTERESTS


DEFAULT_PROFILE = ProfileSettings()
